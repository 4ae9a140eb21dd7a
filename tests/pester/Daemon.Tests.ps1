# The module against a real virtd with real QEMU guests. VIRT_DAEMON is the daemon, VIRT_GUEST_DIR has the test guest's vmlinuz and
# initrd.img, VIRT_TEST_GUESTS says how many guests are stopped at once.
BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path $root 'out/virtd/virtd')
    $missing = -not ((Test-Path $daemon) -and $env:VIRT_GUEST_DIR -and (Test-Path "$env:VIRT_GUEST_DIR/vmlinuz"))
}

Describe 'A real daemon with real guests' -Skip:$missing {
    BeforeAll {
        Import-Module $PSScriptRoot/VirtTest.psm1 -Force
        Import-TestModule
        $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'out/virtd/virtd')
        $guestCount = $env:VIRT_TEST_GUESTS ? [int]$env:VIRT_TEST_GUESTS : 4
        # A socket's path must be short.
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "vt$PID-$(Get-Random -Maximum 9999)")).FullName
        $socket = "$place/run/virt/virtd.sock"
        $uri = "qemu+unix:///system?socket=$socket"
        $guest = @{
            Kernel = "$env:VIRT_GUEST_DIR/vmlinuz"
            Initrd = "$env:VIRT_GUEST_DIR/initrd.img"
            Memory = 128MB
            Type = 'qemu'
        }

        function Start-Daemon {
            param([switch] $NoConnect)
            $script:process = Start-Process $daemon '--root', $place -PassThru -RedirectStandardError "$place/virtd.log" -RedirectStandardOutput "$place/virtd.out"
            $deadline = [datetime]::Now.AddSeconds(60)
            while ("$(Get-Content "$place/virtd.log" -Raw)" -notmatch 'ready at') {
                if ($process.HasExited -or [datetime]::Now -gt $deadline) { throw "virtd is not there: $(Get-Content "$place/virtd.log" -Raw)" }
                Start-Sleep -Milliseconds 50
            }

            if (-not $NoConnect) { $null = Connect-VirtHost $uri }
        }

        function Stop-Daemon {
            $script:process.Kill()
            $script:process.WaitForExit()
        }

        function New-Guest {
            param([string] $Name)
            New-VirtDomain $Name @guest -CommandLine "console=ttyS0 quiet no_timer_check virt.name=$Name" -Serial "file:$place/$Name.console" -Start
        }

        function Wait-Guest {
            param([string[]] $Name)
            $deadline = [datetime]::Now.AddSeconds(60 + 20 * $Name.Count)
            foreach ($one in $Name) {
                while (-not ((Test-Path "$place/$one.console") -and (Get-Content "$place/$one.console" -Raw) -match 'VIRT-GUEST READY')) {
                    $console = (Test-Path "$place/$one.console") ? (Get-Content "$place/$one.console" -Raw) : ''
                    if ([datetime]::Now -gt $deadline -or $console -match 'Kernel panic') { throw "$one did not boot: $(Get-Content "$place/$one.console" -Raw)" }
                    Start-Sleep -Milliseconds 200
                }
            }
        }

        function Get-GuestProcess {
            param([string] $Name)
            Get-Process 'qemu-system*' | Where-Object {
                $line = [IO.File]::ReadAllText("/proc/$($_.Id)/cmdline")
                $line.Contains($place) -and $line -match "guest=$Name\b"
            }
        }

        Start-Daemon
    }

    AfterAll {
        Get-EventSubscriber | Unregister-Event
        Get-VirtDomain -All -ErrorAction SilentlyContinue | Remove-VirtDomain -Force -Confirm:$false -ErrorAction SilentlyContinue
        Disconnect-VirtHost
        Stop-Daemon
        # Guests outlive the daemon; what a failed test has left must not outlive the tests.
        Get-GuestProcess '\w+' | ForEach-Object { $_.Kill() }
        Remove-Item $place -Recurse -Force
    }

    It 'stops all guests at once, each by itself' {
        $names = 1..$guestCount | ForEach-Object { "many$_" }
        $names | ForEach-Object { New-Guest $_ } | ForEach-Object State | Should -Be (@('Running') * $guestCount)
        Wait-Guest $names
        $null = Register-VirtEvent many* -Kind Stopped -SourceIdentifier stopped
        Get-VirtDomain -All | Stop-VirtDomain -ErrorVariable problem
        $problem | Should -BeNullOrEmpty
        Get-VirtDomain many* | ForEach-Object { "$($_.State) $($_.Reason)" } | Should -Be (@('Shutoff Shutdown') * $guestCount)
        # Events come by themselves, at times after the command that caused them.
        Wait-Until { @(Get-Event stopped).Count -ge $guestCount }
        (Get-Event stopped).SourceEventArgs.Name | Sort-Object | Should -Be ($names | Sort-Object)
        Unregister-Event stopped
        Get-VirtDomain many* | Remove-VirtDomain -Confirm:$false
        Get-VirtDomain -All | Should -BeNullOrEmpty
    }

    Context 'with a guest' {
        BeforeAll {
            $null = New-Guest g1
            Wait-Guest g1
        }

        AfterAll {
            Get-VirtDomain g1 | Remove-VirtDomain -Force -Confirm:$false
        }

        It 'pauses, resumes and measures it' {
            (Suspend-VirtDomain g1 -PassThru).Reason | Should -Be User
            (Measure-VirtDomain g1 -IntervalSec 0.5).CpuPercent | Should -BeOfType double
            Stop-VirtDomain g1 -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtInvalidState,*'
            (Resume-VirtDomain g1 -PassThru).State | Should -Be Running
        }

        It 'returns its XML, which can be given back' {
            $xml = Get-VirtXml g1 -Inactive
            $xml.domain.type | Should -Be qemu
            $xml | New-VirtDomain -Force | ForEach-Object Name | Should -Be g1
        }

        It 'denies changes on the read-only socket' {
            $ro = Connect-VirtHost "qemu+unix:///system?socket=$place/run/virt/virtd-ro.sock" -NotDefault
            (Get-VirtDomain g1 -VirtHost $ro).State | Should -Be Running
            $ro.Access | Should -Be 'Read'
            Stop-VirtDomain g1 -VirtHost $ro -ErrorAction SilentlyContinue -ErrorVariable denial
            $denial[0].FullyQualifiedErrorId | Should -Be 'VirtOperationDenied,Virt.PowerShell.StopVirtDomainCommand'
            $denial[0].CategoryInfo.Category | Should -Be PermissionDenied
            "$($denial[0])" | Should -Be 'The connection is read-only: ShutdownDomain needs the access class Control.'
            $denial[0].ErrorDetails.RecommendedAction | Should -Be 'Connect to the read-write socket (virtd.sock), if you may open it.'
            # Audit lines are written in the background.
            $audited = 'op=ShutdownDomain needs=Control obj=domain uuid=.* res=denied err=OperationDenied'
            $deadline = [datetime]::Now.AddSeconds(30)
            while (-not (@(Get-Content "$place/var/log/virt/audit.log") -match $audited)) {
                if ([datetime]::Now -gt $deadline) { throw 'the denial is not in the audit log' }
                Start-Sleep -Milliseconds 50
            }
            Disconnect-VirtHost $ro
        }

        It 'survives the daemon, which knows it again, and the next command connects by itself' {
            $before = Get-VirtDomain g1
            $qemu = (Get-GuestProcess g1).Id
            Stop-Daemon
            { Get-VirtDomain g1 -ErrorAction Stop } | Should -Throw -ErrorId 'VirtConnection*'
            Start-Daemon
            $after = Get-VirtDomain g1
            $after.State | Should -Be Running
            $after.Id | Should -Be $before.Id
            $after.Uuid | Should -Be $before.Uuid
            (Get-GuestProcess g1).Id | Should -Be $qemu
            # The object of before finds its host again too.
            $before.Refresh()
            $before.State | Should -Be Running
        }

        It 'goes on waiting when the daemon has died and is there again' {
            $session = New-TestSession "Connect-VirtHost '$uri' | Out-Null; 'ready'; Wait-VirtDomain g1 -State Paused -TimeoutSec 600 -PassThru"
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $run = $session.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while ($output.Count -eq 0 -and -not $run.IsCompleted) { $null = $run.AsyncWaitHandle.WaitOne(50) }
            $null = $run.AsyncWaitHandle.WaitOne(500)
            Stop-Daemon
            Start-Daemon
            Suspend-VirtDomain g1
            $run.AsyncWaitHandle.WaitOne(120000) | Should -BeTrue
            $session.Streams.Error | Should -BeNullOrEmpty
            $output[1].State | Should -Be Paused
            "$($session.Streams.Warning)" | Should -BeLike '*the wait goes on when it can be opened again.*'
            $session.Dispose()
            Resume-VirtDomain g1
        }

        It 'warns once that the connection was lost, and raises what it missed' {
            $null = New-VirtDomain missed -Type qemu -Memory 64MB -Start
            $null = Register-VirtEvent missed -Kind Stopped -SourceIdentifier missed
            Stop-Daemon
            (Get-GuestProcess missed).Kill()
            Start-Daemon -NoConnect
            (Get-VirtDomain missed -WarningVariable news -WarningAction SilentlyContinue).State | Should -Be Shutoff
            "$news" | Should -Match '^The connection to \S+ was lost \(.+\) and has been opened again\.$'
            $event = (Wait-Event missed -Timeout 120).SourceEventArgs
            $event.Missed | Should -BeTrue
            $event.Domain.State | Should -Be Shutoff
            Get-VirtDomain missed -WarningVariable news | Remove-VirtDomain -Confirm:$false
            $news | Should -BeNullOrEmpty
            Unregister-Event missed
        }

        It 'shows at once that its QEMU was killed' {
            $null = Register-VirtEvent g1 -Kind Stopped -SourceIdentifier killed
            (Get-GuestProcess g1).Kill()
            $event = (Wait-Event killed -Timeout 30).SourceEventArgs
            $event.Detail | Should -Be Failed
            $event.Domain.Reason | Should -Be Crashed
            (Get-VirtDomain g1).State | Should -Be Shutoff
            Unregister-Event killed
        }
    }

    Context 'with a guest that has disks' {
        BeforeAll {
            $null = New-VirtDomain g2 @guest -CommandLine 'console=ttyS0 quiet no_timer_check virt.name=g2' -Serial "file:$place/g2.console" -Start -Disk 1GB,
            @{ Size = 1GB; Bus = 'scsi'; Serial = 'S1'; Cache = 'none' } -CloudInit "#cloud-config`nhostname: g2" -Network user, @{
                User = $true; Model = 'e1000e'; Mac = '52:54:00:11:22:33'
            }
            Wait-Guest g2
        }

        AfterAll {
            Get-VirtDomain g2 | Remove-VirtDomain -Force -DeleteStorage -Confirm:$false
        }

        It 'shows them with their images' {
            $disks = Get-VirtDisk g2
            $disks.Target | Should -Be vda, sda, sdb
            $disks.Device | Should -Be disk, disk, cdrom
            $disks[0].Capacity | Should -Be 1GB
            $disks.Path | ForEach-Object { Test-Path $_ | Should -BeTrue }
            (Get-VirtNic g2).MacAddress | Should -Contain '52:54:00:11:22:33'
            (Get-VirtDevice g2 controller).Model | Should -Contain virtio-scsi
        }

        It 'adds a disk, grows it, limits it, and takes it out with its image' {
            $disk = Add-VirtDisk g2 1GB -Scope Both
            Test-Path $disk.Path | Should -BeTrue
            $disk | Set-VirtDisk -Size 2GB -Iops 200 -Scope Both
            $now = Get-VirtDisk g2 $disk.Target
            $now.Capacity | Should -Be 2GB
            $now.Limits.Iops | Should -Be 200
            $disk | Remove-VirtDisk -Scope Both -DeleteImage -Confirm:$false
            (Get-VirtDisk g2).Target | Should -Not -Contain $disk.Target
            Test-Path $disk.Path | Should -BeFalse
        }

        It 'adds a card, pulls its cable, and takes it out' {
            $nic = Add-VirtNic g2 user -Mac 52:54:00:11:22:44 -Scope Live
            $nic.Alias | Should -Not -BeNullOrEmpty
            ($nic | Set-VirtNic -Connected $false -PassThru -Scope Live).MacAddress | Should -Be 52:54:00:11:22:44
            (Get-VirtNic g2 52:54:00:11:22:44).Connected | Should -BeFalse
            $nic | Remove-VirtNic -Scope Live -Confirm:$false
            (Get-VirtNic g2).MacAddress | Should -Not -Contain 52:54:00:11:22:44
        }

        It 'changes the medium, and warns that it is for this run alone' {
            Set-VirtDisk g2 -Eject -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction Stop
            "$warned" | Should -BeLike '*next start*'
            (Get-VirtDisk g2 sdb).Path | Should -BeNullOrEmpty
            Set-VirtDisk g2 -Iso g2-cloudinit.iso -Scope Live -ErrorAction Stop
            (Get-VirtDisk g2 sdb).Path | Should -BeLike '*/g2-cloudinit.iso'
        }

        It 'refuses what only the next start can have, and takes it for that' {
            { Set-VirtDisk g2 vda -Cache none -ErrorAction Stop } | Should -Throw -ErrorId 'VirtNotSupported,*'
            (Set-VirtDisk g2 vda -Cache none -Scope Config -PassThru).Cache | Should -Be none
        }

        It 'shows the command line of QEMU' {
            $lines = Export-VirtDomain g2 -Format QemuArgs
            $lines | Should -Contain "  -name guest=g2,debug-threads=on \"
            (Export-VirtDomain g2 -Format QemuArgs -AsObject).Executable | Should -BeLike '*/qemu-system-x86_64'
        }

        It 'leaves nothing of a domain that does not start' {
            { New-VirtDomain g3 @guest -Disk 1GB -Cdrom /nonexistent.iso -Start -ErrorAction Stop } | Should -Throw
            Get-VirtDomain g3 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            Get-ChildItem "$place/var/lib/virt/images" -Filter g3* | Should -BeNullOrEmpty
        }
    }

    It 'says what to do when the daemon is not there' {
        Connect-VirtHost "qemu+unix:///system?socket=$place/nothing.sock" -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].CategoryInfo.Category | Should -Be ConnectionError
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}
