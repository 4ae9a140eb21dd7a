BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

AfterAll { Disconnect-VirtHost }

Describe 'Tab completion' {
    BeforeAll {
        Connect-VirtHost test:///default | Out-Null
        "<domain type='test'><name>it's [1]</name><memory>1024</memory><os><type>hvm</type></os></domain>" | New-VirtDomain | Out-Null
    }

    It 'completes <Line>' -ForEach @(
        @{ Line = 'Stop-VirtDomain w'; Expected = 'web1', 'web2' }
        @{ Line = 'Get-VirtDomain -Name WE'; Expected = 'web1', 'web2' }
        @{ Line = 'Get-VirtXml bu'; Expected = "'build box'" }
        @{ Line = "Start-VirtDomain 'bu"; Expected = "'build box'" }
        @{ Line = 'Get-VirtDomain it'; Expected = "'it''s ``[1``]'" }
        @{ Line = 'Measure-VirtDomain db'; Expected = 'db1' }
        @{ Line = 'Get-VirtDomain -VirtHost te'; Expected = 'test' }
        @{ Line = 'Get-VirtDomain -VirtHost test w'; Expected = 'web1', 'web2' }
        @{ Line = 'Wait-VirtDomain web1 -State Shut'; Expected = 'Shutdown', 'Shutoff' }
        @{ Line = 'New-VirtDomain x -Machine te'; Expected = 'test' }
        @{ Line = 'New-VirtDomain x -Network '; Expected = 'bridge:', 'direct:', 'network:', 'none', 'user' }
        @{ Line = 'New-VirtDomain x -Network network:'; Expected = 'network:default' }
        @{ Line = 'New-VirtDomain x -Cpu host'; Expected = 'host-model', 'host-passthrough' }
        @{ Line = 'New-VirtDomain x -Firmware '; Expected = 'bios', 'efi' }
        @{ Line = 'New-VirtDomain x -Graphics v'; Expected = 'vnc' }
        @{ Line = 'Set-VirtDisk web1 '; Expected = 'sda', 'vda' }
        @{ Line = 'Get-VirtNic web1 5'; Expected = "'52:54:00:00:00:01'" }
        @{ Line = 'Get-VirtDevice web1 -Alias gr'; Expected = 'graphics0' }
        @{ Line = 'Add-VirtDevice web1 mem'; Expected = 'memballoon', 'memory' }
        @{ Line = 'Add-VirtNic web1 user -Model e1'; Expected = 'e1000', 'e1000e' }
        @{ Line = 'Connect-VirtHost qemu+'; Expected = 'qemu+tcp://' }
        @{ Line = 'Set-VirtDomain web1 -Scope C'; Expected = 'Config', 'Current' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Be $Expected
    }

    It 'shows state and memory beside the name' {
        (Get-Completion 'Stop-VirtDomain web1')[0].ToolTip | Should -Be 'Running, 4 GiB, test'
    }

    It 'takes what it proposed' {
        $proposed = (Get-Completion 'Get-VirtDomain it')[0].CompletionText
        (Invoke-Expression "Get-VirtDomain $proposed").Name | Should -Be "it's [1]"
    }

    It 'proposes nothing for a host that is not connected' {
        Get-Completion 'Get-VirtDomain -VirtHost nohost we' | Where-Object CompletionText -Like web* | Should -BeNullOrEmpty
    }

    It 'knows the properties of what commands return' {
        (Get-Completion 'Get-VirtDomain | Where-Object MaximumM').CompletionText | Should -Be MaximumMemory
    }
}

Describe 'Tab completion without a connection' {
    It 'neither fails nor says anything when the default cannot be opened' {
        Disconnect-VirtHost
        $before = $env:VIRT_DEFAULT_URI
        $env:VIRT_DEFAULT_URI = 'qemu+unix:///system?socket=/nonexistent/virtd.sock'
        $count = $Error.Count
        try {
            Get-Completion 'Get-VirtDomain we' | Where-Object CompletionText -Like web* | Should -BeNullOrEmpty
            $Error.Count | Should -Be $count
        }
        finally { $env:VIRT_DEFAULT_URI = $before }
    }
}
