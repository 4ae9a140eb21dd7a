#requires -Version 7.6
<#
.SYNOPSIS
    Builds, tests, packages, demonstrates, measures or attacks Virt.
.DESCRIPTION
    What needs no pwsh is done by the dotnet half, tools/Virt.Build, which build.sh uses too.
.EXAMPLE
    ./build.ps1 -Task Test
.EXAMPLE
    ./build.ps1 -Task Fuzz --target frames --count 5000000
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Package', 'InstallTest', 'Fuzz', 'Load', 'Chaos', 'Bench', 'Micro', 'BenchCodec', 'Clean')]
    [string] $Task = 'Build',

    # For Fuzz: --target --count --seconds --seed. For Load: --clients --busy --hostile --seconds. For Chaos: --rounds --seed --guests.
    # For Bench: --domains. For Micro: those of BenchmarkDotNet. For BenchCodec: --against.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Argument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# Exit codes are looked at here, one by one.
$PSNativeCommandUseErrorActionPreference = $false

$half = Join-Path $PSScriptRoot 'tools/Virt.Build'
$pester = Join-Path $PSScriptRoot 'tests/pester'

function Build-DotnetHalf {
    dotnet msbuild $half -restore -property:Configuration=Release -nologo -verbosity:quiet
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Invoke-DotnetHalf {
    dotnet (Join-Path $half 'bin/Release/net10.0/Virt.Build.dll') @args
}

function Assert-DotnetHalf {
    Invoke-DotnetHalf @args
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Get-PwshCommand {
    # Installed as a dotnet tool, pwsh may have no executable of its own.
    $pwsh = Join-Path $PSHOME 'pwsh'
    if (Test-Path $pwsh) { $pwsh } else { 'dotnet'; "$pwsh.dll" }
    '-NoProfile'
    '-NonInteractive'
    '-File'
}

function Measure-PesterTest {
    $isTest = { $args[0] -is [Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq 'It' }
    $count = 0
    foreach ($file in Get-ChildItem $pester -Recurse -Filter *.Tests.ps1) {
        $tree = [Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
        $count += @($tree.FindAll($isTest, $true)).Count
    }
    $count
}

function Invoke-PesterSuite {
    if (-not (Test-Path $pester)) { return }
    if (Get-Module -ListAvailable Pester | Where-Object Version -GE '5.5') {
        $command = @(Get-PwshCommand)
        Invoke-DotnetHalf suite pester @command (Join-Path $PSScriptRoot 'tools/Invoke-PesterSuite.ps1') $pester
        return
    }
    $count = Measure-PesterTest
    $bar = '*' * 70
    @(
        '', $bar
        '*  The module Pester 5.5 or later was not found:'
        "*  the $count tests that need it are SKIPPED."
        '*  To have it: Install-PSResource Pester'
        $bar, ''
    )
    Invoke-DotnetHalf skip pester $count
}

Build-DotnetHalf
switch ($Task) {
    'Build' {
        Assert-DotnetHalf build
    }
    'Package' {
        Assert-DotnetHalf package
        $manifest = Test-ModuleManifest (Join-Path $PSScriptRoot 'out/Virt/Virt.psd1')
        "$($manifest.Name) $($manifest.Version): out/Virt, out/virtd and its Debian package"
    }
    'InstallTest' {
        Assert-DotnetHalf install-test
    }
    'Test' {
        Invoke-DotnetHalf test
        # 0 and 1: all was built and the tests ran.
        if ($LASTEXITCODE -le 1) { Invoke-PesterSuite }
        if ($LASTEXITCODE -ne 130) { Invoke-DotnetHalf total }
    }
    'Fuzz' {
        Assert-DotnetHalf fuzz @Argument
    }
    'Load' {
        Assert-DotnetHalf load @Argument
    }
    'Demo' {
        Assert-DotnetHalf deps
        Assert-DotnetHalf package
        Assert-DotnetHalf guest
        $command = @(Get-PwshCommand)
        & $command[0] @($command | Select-Object -Skip 1) (Join-Path $PSScriptRoot 'tools/demo.ps1')
    }
    'Chaos' {
        Invoke-DotnetHalf chaos @Argument
    }
    'Bench' {
        Invoke-DotnetHalf bench @Argument
    }
    'Micro' {
        Assert-DotnetHalf micro @Argument
    }
    'BenchCodec' {
        Invoke-DotnetHalf bench-codec @Argument
    }
    'Clean' {
        Assert-DotnetHalf clean
        Remove-Item (Join-Path $half 'bin'), (Join-Path $half 'obj') -Recurse -Force
    }
}
exit $LASTEXITCODE
