# Connect-VirtHost over a real ssh client to a private sshd and a real virtd. VIRT_DAEMON is the daemon.
BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path $root 'out/virtd/virtd')
    $missing = -not ((Test-Path $daemon) -and (Test-Path /usr/sbin/sshd) -and (Get-Command ssh -ErrorAction Ignore))
}

Describe 'A host over ssh' -Skip:$missing {
    BeforeAll {
        Import-Module $PSScriptRoot/VirtTest.psm1 -Force
        Import-TestModule
        $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'out/virtd/virtd')
        # A socket's path must be short.
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "vs$PID-$(Get-Random -Maximum 9999)")).FullName
        $socket = "$place/run/virt/virtd.sock"

        function Wait-For {
            param([scriptblock] $Condition, [System.Diagnostics.Process] $Process, [string] $Log)
            $deadline = [datetime]::Now.AddSeconds(90)
            while (-not (& $Condition)) {
                if ($Process.HasExited -or [datetime]::Now -gt $deadline) { throw "it is not there: $(Get-Content $Log -Raw)" }
                Start-Sleep -Milliseconds 50
            }
        }

        ssh-keygen -q -t ed25519 -N '' -f "$place/host"
        ssh-keygen -q -t ed25519 -N '' -f "$place/id"
        ssh-keygen -q -t ed25519 -N 'open sesame' -f "$place/locked"
        Get-Content "$place/id.pub", "$place/locked.pub" | Set-Content "$place/authorized"
        if ([Environment]::IsPrivilegedProcess) { $null = New-Item -ItemType Directory /run/sshd -Force }
        $free = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $free.Start()
        $port = $free.LocalEndpoint.Port
        $free.Stop()
        @"
Port $port
ListenAddress 127.0.0.1
HostKey $place/host
AuthorizedKeysFile $place/authorized
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv PATH=$(Split-Path $daemon):/usr/bin:/bin SHLVL=2
"@ | Set-Content "$place/sshd.conf"
        "[127.0.0.1]:$port $((Get-Content "$place/host.pub") -replace ' \S+$')" | Set-Content "$place/known"
        @"
IdentitiesOnly yes
IdentityAgent none
GlobalKnownHostsFile /dev/null
IdentityFile $place/none
"@ | Set-Content "$place/config"
        "#!/bin/sh`nexec ssh -F '$place/config' `"`$@`"" | Set-Content "$place/ssh"
        chmod 700 "$place/ssh"
        $virtd = Start-Process $daemon '--root', $place -PassThru -RedirectStandardError "$place/virtd.log" -RedirectStandardOutput "$place/virtd.out"
        $sshd = Start-Process /usr/sbin/sshd '-D', '-e', '-f', "$place/sshd.conf" -PassThru -RedirectStandardError "$place/sshd.log" -RedirectStandardOutput "$place/sshd.out"
        Wait-For { Test-Path $socket } $virtd "$place/virtd.log"
        Wait-For { (Get-Content "$place/sshd.log" -Raw) -match 'Server listening' } $sshd "$place/sshd.log"
        $uri = "qemu+ssh://127.0.0.1:$port/system?command=$place/ssh&socket=$socket&connect_timeout=100"
        $known = "&known_hosts=$place/known"
    }

    AfterAll {
        Disconnect-VirtHost
        foreach ($process in $sshd, $virtd) {
            $process.Kill($true)
            $process.WaitForExit()
        }

        Remove-Item $place -Recurse -Force
    }

    AfterEach { Disconnect-VirtHost }

    It 'connects with a key, defines a domain and lists it' {
        $h = Connect-VirtHost "$uri$known" -KeyFile "$place/id"
        $h.Connected | Should -BeTrue
        $null = New-VirtDomain far -Memory 64MB -Type qemu
        (Get-VirtDomain -All).Name | Should -Be far
        Remove-VirtDomain far -Confirm:$false
    }

    It 'is read-only when asked' {
        $null = Connect-VirtHost "$uri$known" -KeyFile "$place/id" -ReadOnly
        { New-VirtDomain far -Memory 64MB -Type qemu -ErrorAction Stop } | Should -Throw -ErrorId 'VirtOperationDenied,*'
    }

    It 'answers the question for a passphrase with the credential' {
        $credential = [pscredential]::new('key', (ConvertTo-SecureString 'open sesame' -AsPlainText -Force))
        (Connect-VirtHost "$uri$known" -KeyFile "$place/locked" -Credential $credential).Connected | Should -BeTrue
    }

    It 'says so when the passphrase is wrong, and does not ask for ever' {
        $credential = [pscredential]::new('key', (ConvertTo-SecureString 'wrong' -AsPlainText -Force))
        { Connect-VirtHost "$uri$known" -KeyFile "$place/locked" -Credential $credential -ErrorAction Stop } |
            Should -Throw -ErrorId 'VirtAuthenticationFailed,*'
    }

    It 'says that the key of the host is not known' {
        $problem = $null
        Connect-VirtHost "$uri&known_hosts=$place/nobody&no_tty=1" -KeyFile "$place/id" -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtAuthenticationFailed,*'
        $problem[0].Exception.Message | Should -Be 'the key of 127.0.0.1 is not known'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*fingerprint*'
    }

    It 'says that the user may not log in' {
        { Connect-VirtHost "$uri$known&no_tty=1" -ErrorAction Stop } | Should -Throw '*127.0.0.1 may not log in*'
    }

    It 'leaves no ssh behind' {
        $null = Connect-VirtHost "$uri$known" -KeyFile "$place/id"
        Disconnect-VirtHost
        $deadline = [datetime]::Now.AddSeconds(30)
        do {
            $left = Get-Process ssh -ErrorAction Ignore | Where-Object { [IO.File]::ReadAllText("/proc/$($_.Id)/cmdline").Contains("$place/config") }
        } while ($left -and [datetime]::Now -lt $deadline)
        $left | Should -BeNullOrEmpty
    }

    It 'makes a URI of a name, and refuses what contradicts it' {
        Connect-VirtHost no-such-host.invalid -Transport Ssh -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].Exception.Message | Should -BeLike "*'no-such-host.invalid' cannot be resolved*"
        { Connect-VirtHost host -Transport Tls -KeyFile x -ErrorAction Stop } | Should -Throw -ErrorId 'VirtInvalidArgument,*'
    }
}
