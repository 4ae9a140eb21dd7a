BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'Hosts' {
    AfterEach { Disconnect-VirtHost }

    Context 'Connect-VirtHost' {
        It 'returns the host and makes it a default' {
            $h = Connect-VirtHost test:///default
            $h.Name | Should -Be test
            $h.Connected | Should -BeTrue
            $DefaultVirtHosts | Should -Be $h
        }

        It 'gives the connection that is there already' {
            (Connect-VirtHost test:///default) | Should -Be (Connect-VirtHost test:///default)
            @(Get-VirtHost).Count | Should -Be 1
        }

        It 'leaves the host out of the defaults with -NotDefault' {
            $h = Connect-VirtHost test:///default -NotDefault
            $DefaultVirtHosts | Should -BeNullOrEmpty
            Get-VirtDomain web1 -VirtHost $h | Should -Not -BeNullOrEmpty
        }

        It 'says what is wrong with a URI: <Uri>' -ForEach @(
            @{ Uri = 'foo:///system' }, @{ Uri = 'not a uri' }, @{ Uri = 'qemu+carrier://host/system' }
        ) {
            Connect-VirtHost $Uri -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'Virt*,Virt.PowerShell.ConnectVirtHostCommand'
            $problem[0].CategoryInfo.Category | Should -Be ConnectionError
            $problem[0].TargetObject | Should -Be $Uri
            $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'does not go on with the default host after it failed' {
            $before = $env:VIRT_DEFAULT_URI
            $env:VIRT_DEFAULT_URI = 'test:///default'
            try {
                Connect-VirtHost foo:///system -ErrorAction SilentlyContinue
                { Get-VirtDomain } | Should -Throw -ErrorId 'VirtNoConnection,Virt.PowerShell.GetVirtDomainCommand'
                Connect-VirtHost | ForEach-Object Uri | Should -Be test:///default
            }
            finally { $env:VIRT_DEFAULT_URI = $before }
        }

        It 'denies changes over a read-only connection' {
            $h = Connect-VirtHost test:///default -ReadOnly
            $h.ReadOnly | Should -BeTrue
            { Stop-VirtDomain web1 -ErrorAction Stop } | Should -Throw -ErrorId 'VirtOperationDenied,*'
            $h.Access | Should -Be 'Read'
            ($h | Format-List | Out-String) | Should -Match 'Access +: Read'
            { Get-VirtXml web1 -Secure -ErrorAction Stop } | Should -Throw -ErrorId 'VirtOperationDenied,*'
            { New-VirtSecret Tls a -ErrorAction Stop } | Should -Throw -ErrorId 'VirtOperationDenied,*'
        }

        It 'needs no other command: the first opens the default URI' {
            $before = $env:VIRT_DEFAULT_URI
            $env:VIRT_DEFAULT_URI = 'test:///default'
            try {
                (Get-VirtDomain web1).VirtHost.Uri | Should -Be test:///default
                $DefaultVirtHosts.Name | Should -Be test
            }
            finally { $env:VIRT_DEFAULT_URI = $before }
        }
    }

    Context 'Sessions' {
        It 'belong to a runspace, and take a host from another with $using:' {
            $h = Connect-VirtHost test:///default
            $manifest = Get-TestManifest
            $counts = 1..4 | ForEach-Object -Parallel {
                Import-Module $using:manifest
                if ($null -ne (Get-Variable DefaultVirtHosts -ErrorAction Ignore)) { throw 'the host of another runspace is a default here' }
                @(Get-VirtDomain -All -VirtHost $using:h).Count
            }
            $counts | Should -Be 7, 7, 7, 7
        }
    }

    Context 'Test-VirtHost' {
        It 'returns checks, and a host that cannot be opened is one that failed' {
            $checks = Test-VirtHost -Uri test:///default, foo:///system
            ($checks | Where-Object VirtHost -EQ test).Check | Should -Be 'Connection', 'Round trip', 'Access', 'Version', 'Hypervisor', 'KVM', 'Domains', 'Events'
            $failed = @($checks | Where-Object Status -EQ Fail)
            $failed.VirtHost | Should -Be foo:///system
            $failed.Recommendation | Should -Not -BeNullOrEmpty
        }
    }
}
