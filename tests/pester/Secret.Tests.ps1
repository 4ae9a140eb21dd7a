BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule

    function Get-Plain { param($Value) [Net.NetworkCredential]::new('', $Value).Password }
    function Get-Hidden { param($Text) ConvertTo-SecureString $Text -AsPlainText -Force }
}

Describe 'Secrets' {
    BeforeEach { $h = Connect-VirtHost test:///default }
    AfterEach { Disconnect-VirtHost }

    It 'defines a secret with its value and gives it back only when asked' {
        $s = New-VirtSecret Volume /images/db -Value (Get-Hidden 'grün') -Description 'the database'
        $s.Usage | Should -Be Volume
        $s.HasValue | Should -BeTrue
        (Get-VirtSecret /images/db).Value | Should -BeNullOrEmpty
        Get-Plain (Get-VirtSecret /images/db -IncludeValue).Value | Should -Be 'grün'
        ($s | Format-AsSeen) -join "`n" | Should -Not -Match 'grün'
        ($s | Format-List | Out-String) | Should -Not -Match 'grün'
    }

    It 'takes and gives bytes in base64' {
        New-VirtSecret Ceph client.a -Value (Get-Hidden 'AAH/') -Base64 | Out-Null
        Get-Plain (Get-VirtSecret client.a -IncludeValue -Base64).Value | Should -Be 'AAH/'
        Get-Plain (Get-VirtSecret client.a -IncludeValue -WarningVariable w -WarningAction SilentlyContinue).Value | Should -Be 'AAH/'
        $w | Should -Match 'not text'
        New-VirtSecret Ceph client.b -Value (Get-Hidden '!') -Base64 -ErrorAction SilentlyContinue -ErrorVariable e
        $e[0].FullyQualifiedErrorId | Should -BeLike 'VirtInvalidArgument*'
    }

    It 'never gives the value of a private secret' {
        New-VirtSecret Volume /images/p -Value (Get-Hidden 'x') -Private | Out-Null
        Get-VirtSecret /images/p -IncludeValue -ErrorAction SilentlyContinue -ErrorVariable e
        $e[0].FullyQualifiedErrorId | Should -BeLike 'VirtInvalidSecret*'
    }

    It 'has one secret for a usage' {
        New-VirtSecret Tls a | Out-Null
        New-VirtSecret Tls a -ErrorAction SilentlyContinue -ErrorVariable e
        $e.Count | Should -Be 1
    }

    It 'finds by wildcard, uuid, usage and object, and says what is missing' {
        $a = New-VirtSecret Volume /images/a
        $null = New-VirtSecret Volume /images/b
        $null = New-VirtSecret Tls t
        @(Get-VirtSecret /images/*).Count | Should -Be 2
        @(Get-VirtSecret -Usage Tls).UsageId | Should -Be t
        (Get-VirtSecret $a.Uuid).UsageId | Should -Be /images/a
        ($a | Get-VirtSecret).Uuid | Should -Be $a.Uuid
        Get-VirtSecret nothing* | Should -BeNullOrEmpty
        Get-VirtSecret nothing -ErrorAction SilentlyContinue -ErrorVariable e
        $e[0].FullyQualifiedErrorId | Should -BeLike 'VirtSecretNotFound*'
    }

    It 'takes libvirt XML from the pipeline' {
        $s = "<secret private='yes'><usage type='vtpm'><name>n</name></usage></secret>" | New-VirtSecret
        $s.Private | Should -BeTrue
        $s.Usage | Should -Be Vtpm
    }

    It 'changes and removes, and only says so with -WhatIf' {
        $s = New-VirtSecret Iscsi t -Value (Get-Hidden 'old')
        Set-VirtSecret t (Get-Hidden 'new') -Description 'x' -WhatIf
        Get-Plain (Get-VirtSecret t -IncludeValue).Value | Should -Be old
        ($s | Set-VirtSecret -Value (Get-Hidden 'new') -Description 'x' -PassThru).Description | Should -Be x
        Get-Plain (Get-VirtSecret t -IncludeValue).Value | Should -Be new
        Remove-VirtSecret t -WhatIf
        @(Get-VirtSecret t).Count | Should -Be 1
        Get-VirtSecret t | Remove-VirtSecret -Confirm:$false
        Get-VirtSecret | Should -BeNullOrEmpty
    }

    It 'completes whom secrets are for' {
        $null = New-VirtSecret Volume '/images/a b'
        (Get-Completion 'Get-VirtSecret /im').CompletionText | Should -Be "'/images/a b'"
    }
}
