# Connect-VirtHost over ssh in this process to a private sshd and a real virtd. VIRT_DAEMON is the daemon.
BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path $root 'out/virtd/virtd')
    $missing = -not ((Test-Path $daemon) -and (Test-Path /usr/sbin/sshd))
    $privileged = [Environment]::IsPrivilegedProcess
}

Describe 'A host over libssh' -Skip:$missing {
    BeforeAll {
        Import-Module $PSScriptRoot/VirtTest.psm1 -Force
        Import-TestModule
        $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'out/virtd/virtd')
        # A socket's path must be short.
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "vl$PID-$(Get-Random -Maximum 9999)")).FullName
        $socket = "$place/run/virt/virtd.sock"

        function Wait-For {
            param([scriptblock] $Condition, [System.Diagnostics.Process] $Process, [string] $Log)
            $deadline = [datetime]::Now.AddSeconds(90)
            while (-not (& $Condition)) {
                if ($Process.HasExited -or [datetime]::Now -gt $deadline) { throw "it is not there: $(Get-Content $Log -Raw)" }
                Start-Sleep -Milliseconds 50
            }
        }

        function Get-Password([string] $Text, [string] $User = 'root') {
            [pscredential]::new($User, (ConvertTo-SecureString $Text -AsPlainText -Force))
        }

        ssh-keygen -q -t ed25519 -N '' -f "$place/host"
        ssh-keygen -q -t ed25519 -N '' -f "$place/id"
        ssh-keygen -q -t ed25519 -N '' -f "$place/stranger"
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
PasswordAuthentication yes
KbdInteractiveAuthentication no
SetEnv PATH=$(Split-Path $daemon):/usr/bin:/bin SHLVL=2
"@ | Set-Content "$place/sshd.conf"
        "[127.0.0.1]:$port $((Get-Content "$place/host.pub") -replace ' \S+$')" | Set-Content "$place/known"
        "[127.0.0.1]:$port $((Get-Content "$place/stranger.pub") -replace ' \S+$')" | Set-Content "$place/changed"
        $virtd = Start-Process $daemon '--root', $place -PassThru -RedirectStandardError "$place/virtd.log" -RedirectStandardOutput "$place/virtd.out"
        $sshd = Start-Process /usr/sbin/sshd '-D', '-e', '-f', "$place/sshd.conf" -PassThru -RedirectStandardError "$place/sshd.log" -RedirectStandardOutput "$place/sshd.out"
        Wait-For { Test-Path $socket } $virtd "$place/virtd.log"
        Wait-For { (Get-Content "$place/sshd.log" -Raw) -match 'Server listening' } $sshd "$place/sshd.log"
        $uri = "qemu+libssh://127.0.0.1:$port/system?socket=$socket&connect_timeout=100"
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

    It 'loads its library at the first connection that needs it, and runs no ssh' {
        $module = (Get-Module Virt).Path
        $script = @"
            Import-Module '$module'
            `$null = Connect-VirtHost test:///default
            `$before = [AppDomain]::CurrentDomain.GetAssemblies().Where{ `$_.GetName().Name -in 'Renci.SshNet', 'Virt.Ssh', 'BouncyCastle.Cryptography' }.Count
            `$env:PATH = '/nonexistent'
            `$null = Connect-VirtHost '$uri$known' -KeyFile '$place/id' -ErrorAction Stop
            `$after = [AppDomain]::CurrentDomain.GetAssemblies().Where{ `$_.GetName().Name -eq 'Renci.SshNet' }.Count
            "`$before `$after"
"@
        pwsh -NoProfile -NonInteractive -Command $script | Should -Be '0 1'
    }

    It 'connects with a key, defines a domain and lists it' {
        (Connect-VirtHost "$uri$known" -KeyFile "$place/id").Connected | Should -BeTrue
        $null = New-VirtDomain far -Memory 64MB -Type qemu
        (Get-VirtDomain -All).Name | Should -Be far
        Remove-VirtDomain far -Confirm:$false
    }

    It 'makes a URI of a name, with the user of the credential' {
        Connect-VirtHost "no-such-host.invalid" -Transport LibSsh -Credential (Get-Password x me) -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].Exception.Message | Should -BeLike "*'no-such-host.invalid' cannot be resolved*"
        $problem[0].TargetObject | Should -BeLike '*no-such-host.invalid*'
    }

    It 'answers the question for a passphrase with the credential, and says so when it is wrong' {
        (Connect-VirtHost "$uri$known" -KeyFile "$place/locked" -Credential (Get-Password 'open sesame')).Connected | Should -BeTrue
        Disconnect-VirtHost
        { Connect-VirtHost "$uri$known" -KeyFile "$place/locked" -Credential (Get-Password wrong) -ErrorAction Stop } |
            Should -Throw -ErrorId 'VirtAuthenticationFailed,*'
    }

    It 'says that the key of the host is not known, with its fingerprint' {
        $fingerprint = ((ssh-keygen -l -f "$place/host.pub") -split ' ')[1]
        Connect-VirtHost "$uri&known_hosts=$place/nobody&no_tty=1" -KeyFile "$place/id" -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtAuthenticationFailed,*'
        $problem[0].Exception.Message | Should -Be 'the key of 127.0.0.1 is not known'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike "*$fingerprint*"
    }

    It 'remembers the key of a new host where that is wanted' {
        $null = Connect-VirtHost "$uri&known_hosts=$place/new&known_hosts_verify=auto" -KeyFile "$place/id"
        Get-Content "$place/new" | Should -Be (Get-Content "$place/known")
    }

    It 'refuses a host whose key has changed' {
        Connect-VirtHost "$uri&known_hosts=$place/changed&known_hosts_verify=auto" -KeyFile "$place/id" -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtAuthenticationFailed,*'
        $problem[0].Exception.Message | Should -BeLike '*not the one that is known (line 1 of *changed)*somebody may be listening in*'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*ssh-keygen -f *'
    }

    It 'logs in with a password, which nobody gets to see' -Skip:(-not $privileged) {
        $user = "virt$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $password = [guid]::NewGuid().ToString('n')
        useradd --no-create-home --home-dir /nonexistent --shell /bin/sh $user
        try {
            "${user}:$password" | chpasswd
            chmod 711 $place
            chown $user $socket
            $said = Connect-VirtHost "$uri$known&sshauth=password" -Credential (Get-Password $password $user) -Verbose *>&1 | Out-String -Width 500
            $said | Should -BeLike "*$user@127.0.0.1*"
            $said | Should -Not -BeLike "*$password*"
            (Get-VirtDomain -All -Verbose *>&1 | Out-String) | Should -Not -BeLike "*$password*"
            Disconnect-VirtHost
            $wrong = "wrong$password"
            Connect-VirtHost "$uri$known&sshauth=password" -Credential (Get-Password $wrong $user) -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtAuthenticationFailed,*'
            $problem[0].Exception.Message | Should -BeLike "*not accepted: $user@127.0.0.1's password*"
            ($problem[0] | Format-List * -Force | Out-String) | Should -Not -BeLike "*$password*"
        }
        finally {
            userdel --force $user
        }
    }
}
