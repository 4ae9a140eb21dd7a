# The module over TLS to a real virtd, with certificates of virtd pki. VIRT_DAEMON is the daemon.
BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path $root 'out/virtd/virtd')
    $missing = -not (Test-Path $daemon)
}

Describe 'A daemon over TLS' -Skip:$missing {
    BeforeAll {
        Import-Module $PSScriptRoot/VirtTest.psm1 -Force
        Import-TestModule
        $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'out/virtd/virtd')
        $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "vt$PID-$(Get-Random -Maximum 9999)")).FullName
        $pki = "$place/etc/virt/pki"
        & $daemon pki init --root $place > $null
        & $daemon pki server --host localhost --address 127.0.0.1 --root $place > $null
        & $daemon pki client alice --root $place > $null
        & $daemon pki client mallory --root $place > $null
        '{ "tls": { "enabled": true, "address": "127.0.0.1", "port": 0, "allowedClients": [ "CN=alice" ] } }' > "$place/etc/virt/virtd.json"
        $process = Start-Process $daemon '--root', $place -PassThru -RedirectStandardError "$place/virtd.log" -RedirectStandardOutput "$place/virtd.out"
        $deadline = [datetime]::Now.AddSeconds(90)
        while ("$(Get-Content "$place/virtd.log" -Raw)" -notmatch 'ready at') {
            if ($process.HasExited -or [datetime]::Now -gt $deadline) { throw "virtd is not there: $(Get-Content "$place/virtd.log" -Raw)" }
            Start-Sleep -Milliseconds 50
        }
        $null = (Get-Content "$place/virtd.log" -Raw) -match 'tls 127\.0\.0\.1:(\d+)'
        $port = $Matches[1]
    }

    AfterAll {
        Disconnect-VirtHost
        $process.Kill()
        $process.WaitForExit()
        Remove-Item $place -Recurse -Force
    }

    It 'lists domains with a client certificate' {
        $null = Connect-VirtHost "test://localhost:$port/default?pkipath=$pki/clients/alice"
        (Get-VirtDomain -All).Count | Should -BeGreaterThan 0
        Disconnect-VirtHost
    }

    It 'says why it does not connect: <Case>' -ForEach @(
        @{ Case = 'not on the list'; Name = 'localhost'; Folder = 'clients/mallory'; Says = "does not let in 'CN=mallory'"; Id = 'VirtAuthenticationFailed' }
        @{ Case = 'no certificate'; Name = 'localhost'; Folder = '.'; Says = 'none was sent'; Id = 'VirtAuthenticationFailed' }
        @{ Case = 'no authority'; Name = 'localhost'; Folder = 'clients'; Says = 'no certificate of the authority'; Id = '*' }
        @{ Case = 'another name'; Name = 'localhost.'; Folder = 'clients/alice'; Says = $null; Id = $null }
    ) {
        $null = Connect-VirtHost "test://${Name}:$port/default?pkipath=$pki/$Folder" -ErrorVariable problem -ErrorAction SilentlyContinue
        if ($Says) {
            $problem[0].Exception.Message | Should -BeLike "*$Says*"
            $problem[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
            $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
        else { $problem | Should -BeNullOrEmpty }
    }
}
