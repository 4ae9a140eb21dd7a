#requires -Version 7.6
<#
.SYNOPSIS
    Shows the main job on real guests: boots three, suspends and resumes one, and shuts all down through one pipeline.
.DESCRIPTION
    Uses what the Package task made: out/Virt, out/virtd and out/guest. The daemon runs on a private folder, which is gone
    at the end, as are the guests.
#>
[CmdletBinding()]
param(
    # A first boot under TCG on a busy machine takes its time.
    [ValidateRange(1, 3600)]
    [int] $BootTimeoutSec = 120
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ([Console]::IsOutputRedirected) { $PSStyle.OutputRendering = 'PlainText' }

$out = Join-Path (Split-Path $PSScriptRoot) 'out'
$names = 'demo1', 'demo2', 'demo3'

# Step: does one thing and says how long it took.
function Step([string] $Text, [scriptblock] $Action) {
    Write-Host ('  {0,-58}' -f $Text) -NoNewline
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $result = & $Action
    Write-Host ('{0,8:0.00} s' -f $clock.Elapsed.TotalSeconds)
    $result
}

# Show: a command as a user types it, and what it prints.
function Show([scriptblock] $Command) {
    Write-Host "`nPS> $("$Command".Trim())" -ForegroundColor Cyan
    & $Command | Out-Host
}

function Start-Daemon([string] $Root) {
    $endpoint = [Net.Sockets.UnixDomainSocketEndPoint]::new((Join-Path $Root 'notify'))
    $notify = [Net.Sockets.Socket]::new('Unix', 'Dgram', 'Unspecified')
    $notify.Bind($endpoint)
    # In a session of its own, so that Ctrl+C leaves it to the clean-up below.
    $start = [Diagnostics.ProcessStartInfo]::new('setsid', [string[]] @((Join-Path $out 'virtd/virtd'), '--root', $Root))
    $start.RedirectStandardError = $true
    $start.Environment['NOTIFY_SOCKET'] = $endpoint.ToString()
    $script:daemon = [Diagnostics.Process]::Start($start)
    $script:daemonLog = $daemon.StandardError.ReadToEndAsync()

    $buffer = [byte[]]::new(4096)
    $limit = [Threading.Tasks.Task]::Delay(30000)
    $ended = $daemon.WaitForExitAsync()
    do {
        $message = $notify.ReceiveAsync([ArraySegment[byte]] $buffer)
        switch ([Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]] @($message, $ended, $limit))) {
            1 { throw "virtd ended with exit code $($daemon.ExitCode) instead of getting ready." }
            2 { throw 'virtd was not ready within 30 s.' }
        }
    } until ([Text.Encoding]::UTF8.GetString($buffer, 0, $message.Result) -match '(?m)^READY=1$')
    $notify.Dispose()
}

function Stop-Daemon {
    if (-not $daemon.HasExited) {
        sh -c "kill -TERM $($daemon.Id)"
        if (-not $daemon.WaitForExit(15000)) { $daemon.Kill() }
    }
}

function Connect-Console([string] $Name) {
    $socket = [Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
    $socket.ReceiveTimeout = $BootTimeoutSec * 1000
    $socket.Connect([Net.Sockets.UnixDomainSocketEndPoint]::new((Get-Console $Name)))
    [IO.StreamReader]::new([Net.Sockets.NetworkStream]::new($socket, $true))
}

# Listen: a job that reads a guest's serial console until the guest says that it is up.
function Listen([string] $Name) {
    Start-ThreadJob -Name $Name -ArgumentList $Name, (Connect-Console $Name) -ScriptBlock {
        param([string] $Name, [IO.StreamReader] $Console)
        $ErrorActionPreference = 'Stop'
        $line = $last = ''
        try {
            while ($null -ne ($line = $Console.ReadLine())) {
                if ($line -match 'VIRT-GUEST READY') { return $line.Trim() }
                if ($line.Trim()) { $last = $line.Trim() }
            }
        }
        catch [IO.IOException] {
            throw "$Name was not up in time; its console ends with: $last"
        }
        finally {
            $Console.Dispose()
        }
        throw "$Name ended before it was up; its console ends with: $last"
    }
}

function Get-Console([string] $Name) { Join-Path $root "$Name.console" }

function Remove-Leftover {
    if ($connected) {
        try {
            Get-VirtDomain -All | Remove-VirtDomain -Force -Confirm:$false
            Disconnect-VirtHost
        }
        catch {
            Write-Warning "virtd could not clean up: $_"
        }
    }
    if ($daemon) { Stop-Daemon }
    # Guests outlive a daemon that failed; these are ours, as the folder is.
    Get-Process -Name 'qemu-system-*' -ErrorAction Ignore | Where-Object CommandLine -Like "*$root/*" | Stop-Process -Force
    Remove-Item $root -Recurse -Force
}

$root = [IO.Directory]::CreateTempSubdirectory('virt-demo-').FullName
$daemon = $null
$daemonLog = $null
$connected = $false
$done = $false
$total = [Diagnostics.Stopwatch]::StartNew()
try {
    Write-Host "`nVirt: three real guests, from pwsh to QEMU and back`n"
    Step 'import the module' { Import-Module (Join-Path $out 'Virt/Virt.psd1') }
    Step "start virtd on $root" { Start-Daemon $root }
    $uri = "qemu+unix:///system?socket=$root/run/virt/virtd.sock"
    Step 'Connect-VirtHost' { $null = Connect-VirtHost $uri; $script:connected = $true }
    Step 'New-VirtDomain: define three guests' {
        foreach ($name in $names) {
            $guest = @{
                Name        = $name
                Memory      = 128MB
                VCpu        = 1
                Kernel      = Join-Path $out 'guest/vmlinuz'
                Initrd      = Join-Path $out 'guest/initrd.img'
                CommandLine = "console=ttyS0 quiet no_timer_check virt.name=$name"
                Network     = 'none'
                Serial      = "unix:$(Get-Console $name)"
            }
            $null = New-VirtDomain @guest
        }
    }
    # Paused until someone listens, so that nothing of the boot is missed.
    Step 'Start-VirtDomain -Paused' { Start-VirtDomain $names -Paused }
    $ready = Step 'Resume-VirtDomain: boot them, side by side' {
        $boots = $names | ForEach-Object { Listen $_ }
        Resume-VirtDomain $names
        $boots | Receive-Job -Wait -AutoRemoveJob
    }
    $ready | Sort-Object | ForEach-Object { Write-Host "      $_" -ForegroundColor DarkGray }

    Show { Get-VirtDomain -All }
    Step 'Suspend-VirtDomain demo2' { Suspend-VirtDomain demo2 }
    Show { Get-VirtDomain -All }
    Step 'Resume-VirtDomain demo2' { Resume-VirtDomain demo2 }
    Write-Host "`nPS> Get-VirtDomain -All | Stop-VirtDomain" -ForegroundColor Cyan
    Step 'each guest shuts itself down when asked through ACPI' { Get-VirtDomain -All | Stop-VirtDomain }
    Show { Get-VirtDomain -All | Format-Table Name, State, Reason, VCpu, Memory }
    $off = @(Get-VirtDomain $names | Where-Object { $_.State -eq 'Shutoff' -and $_.Reason -eq 'Shutdown' })
    if ($off.Count -ne $names.Count) { throw "only $($off.Count) of $($names.Count) guests shut down by themselves." }

    Step 'Remove-VirtDomain' { Remove-VirtDomain $names -Confirm:$false }
    Step 'Disconnect-VirtHost' { Disconnect-VirtHost; $script:connected = $false }
    Step 'stop virtd' { Stop-Daemon }
    $done = $true
}
finally {
    Remove-Leftover
    if (-not $done) {
        Write-Host "`nThe demo did not get to its end."
        if ($daemonLog) { Write-Host "What virtd said:`n$($daemonLog.Result)" }
    }
}
Write-Host ("`nAll done in {0:0.0} s; nothing is left behind." -f $total.Elapsed.TotalSeconds)
