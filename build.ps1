#requires -Version 7.6
<#
.SYNOPSIS
    Builds, tests, packages, demonstrates, measures or attacks Virt.
.DESCRIPTION
    Runs a task of the build program, tools/Virt.Build, as build.sh does. Tests and demo run in this PowerShell.
.EXAMPLE
    ./build.ps1 -Task Test
.EXAMPLE
    ./build.ps1 test --only StopVirtDomain
.EXAMPLE
    ./build.ps1 -Task Fuzz --target frames --count 5000000
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Check', 'Coverage', 'Demo', 'Package', 'InstallTest', 'HostTest', 'Fuzz', 'Load', 'Chaos', 'Bench', 'Micro', 'BenchCodec', 'Clean', 'Help')]
    [string] $Task = 'Build',

    # The task's options, as ./build.ps1 help lists them.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Argument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# The exit code is passed on.
$PSNativeCommandUseErrorActionPreference = $false

$program = Join-Path $PSScriptRoot 'tools/Virt.Build'
dotnet msbuild $program -restore -property:Configuration=Release -nologo -verbosity:quiet
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

# Installed as a dotnet tool, pwsh has no executable of its own; the build program finds that one by itself.
$pwsh = Join-Path $PSHOME 'pwsh'
if (-not $env:VIRT_PWSH -and (Test-Path $pwsh)) { $env:VIRT_PWSH = $pwsh }

$name = switch ($Task) {
    'InstallTest' { 'install-test' }
    'HostTest' { 'host-test' }
    'BenchCodec' { 'bench-codec' }
    default { $Task.ToLowerInvariant() }
}
dotnet (Join-Path $program 'bin/Release/net10.0/Virt.Build.dll') $name @Argument
$exit = $LASTEXITCODE
if ($Task -eq 'Clean') { Remove-Item (Join-Path $program 'bin'), (Join-Path $program 'obj') -Recurse -Force }
exit $exit
