# The PowerShell half of the side by side: reads one step a line as JSON, does it, and answers with the microseconds it took.
param([string] $Module, [string] $Uri)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
Import-Module $Module
$null = Connect-VirtHost $Uri

function Measure-Work([scriptblock] $Work) {
    $start = [Diagnostics.Stopwatch]::GetTimestamp()
    $null = . $Work
    [Diagnostics.Stopwatch]::GetElapsedTime($start).TotalMicroseconds
}

$fifty = @(0..49 | ForEach-Object { 'bench-{0:d5}' -f $_ })
$steps = @{
    list    = { Measure-Work { Get-VirtDomain -All } }
    start   = { Measure-Work { Get-VirtDomain $fifty | Start-VirtDomain -Paused } }
    destroy = { Measure-Work { Get-VirtDomain $fifty | Stop-VirtDomain -TurnOff } }
}

[Console]::Out.WriteLine('{"values":[0]}')
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $request = $line | ConvertFrom-Json
    try {
        $values = @(foreach ($i in 1..$request.count) { & $steps[$request.step] })
        $answer = @{ values = $values }
    }
    catch {
        $answer = @{ error = "$_" }
    }
    [Console]::Out.WriteLine(($answer | ConvertTo-Json -Compress))
}
