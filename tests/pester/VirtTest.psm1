# What the test files share. VIRT_MODULE is the manifest of the module under test.
$root = Split-Path (Split-Path $PSScriptRoot)
$script:Manifest = $env:VIRT_MODULE ? $env:VIRT_MODULE : (Join-Path $root 'out/Virt/Virt.psd1')

function Get-TestManifest { $script:Manifest }

function Import-TestModule {
    Remove-Module Virt -ErrorAction Ignore
    Import-Module $script:Manifest -Global -ErrorAction Stop
}

# A session of its own, so that a test can stop what runs in it.
function New-TestSession {
    param([string] $Script)
    $session = [powershell]::Create()
    $null = $session.AddScript("Import-Module '$script:Manifest'").AddStatement()
    $session.AddScript($Script)
}

# Runs a script in a new process of the PowerShell that runs the tests, and returns its lines; the module is imported first.
function Invoke-NewPwsh {
    param([string] $Script, [string] $Import = "Import-Module '$script:Manifest'")
    # Installed as a dotnet tool, pwsh may have no executable of its own.
    $program = [Environment]::ProcessPath
    $arguments = @((Split-Path -LeafBase $program) -eq 'dotnet' ? "$PSHOME/pwsh.dll" : $null) -ne $null
    $lines = & $program @arguments -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Import; $Script" 2>&1
    if ($LASTEXITCODE -ne 0) { throw "pwsh ended with $LASTEXITCODE`: $($lines -join "`n")" }
    $lines | ForEach-Object { "$_" }
}

# Waits until something is true, for half a minute at most; what follows says whether it is.
function Wait-Until {
    param([scriptblock] $Condition)
    for ($i = 0; $i -lt 600 -and -not (& $Condition); $i++) { Start-Sleep -Milliseconds 50 }
}

function Get-Completion {
    param([string] $Line)
    @((TabExpansion2 $Line $Line.Length).CompletionMatches)
}

# The text of a view as a user sees it, without colours.
function Format-AsSeen {
    param([Parameter(ValueFromPipeline)] $InputObject)
    begin { $all = [Collections.Generic.List[object]]::new() }
    process { $all.Add($InputObject) }
    end {
        $rendering = $PSStyle.OutputRendering
        $PSStyle.OutputRendering = 'PlainText'
        try { ($all | Out-String -Width 160 -Stream | Where-Object { $_.Trim() } | ForEach-Object TrimEnd) }
        finally { $PSStyle.OutputRendering = $rendering }
    }
}

Export-ModuleMember -Function *-*
