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
    [string] $Path,

    # The version of Pester to run them with.
    [Parameter(Mandatory)]
    [version] $PesterVersion,

    # Where the results go, in JUnit's format.
    [Parameter(Mandatory)]
    [string] $ResultFile,

    # A part of the names of the tests that are to run.
    [string] $Only
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module Pester -RequiredVersion $PesterVersion
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = [Console]::IsOutputRedirected ? 'Plaintext' : 'Auto'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputFormat = 'JUnitXml'
$configuration.TestResult.OutputPath = $ResultFile
if ($Only) {
    # A file's name names all of its tests.
    $file = @(Get-ChildItem $Path -Recurse -Filter "*$Only*.Tests.ps1")
    if ($file) { $configuration.Run.Path = $file.FullName } else { $configuration.Filter.FullName = "*$Only*" }
}

# The module's own code runs as users run it, not under our preferences.
Set-StrictMode -Off
$ErrorActionPreference = 'Continue'
$run = Invoke-Pester -Configuration $configuration
exit ($run.Result -eq 'Passed' ? 0 : 1)
