#requires -Version 7.6
<#
.SYNOPSIS
    Runs the Pester tests of a folder; exits with 0 only when all is well.
.DESCRIPTION
    The environment says what is tested: VIRT_MODULE, VIRT_DAEMON, VIRT_GUEST_DIR.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module Pester -MinimumVersion 5.5
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = [Console]::IsOutputRedirected ? 'Plaintext' : 'Auto'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputFormat = 'JUnitXml'
$configuration.TestResult.OutputPath = Join-Path $PSScriptRoot '../out/test-results/pester.xml'

# The module's own code runs as users run it, not under our preferences.
Set-StrictMode -Off
$ErrorActionPreference = 'Continue'
$run = Invoke-Pester -Configuration $configuration
exit ($run.Result -eq 'Passed' ? 0 : 1)
