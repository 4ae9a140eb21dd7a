BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
    Connect-VirtHost test:///default | Out-Null
}

AfterAll { Disconnect-VirtHost }

Describe 'Views' {
    It 'show domains as a table' {
        $lines = Get-VirtDomain -All web1, web2 | Format-AsSeen
        $lines[0] | Should -Match '^Name +State +vCPU +Memory +Uptime +Host$'
        $lines[2] | Should -Match '^web1 +Running +2 +4 GiB +\d\d:\d\d:\d\d +test$'
        $lines[3] | Should -Match '^web2 +Shutoff +2 +4 GiB +test$'
    }

    It 'show everything of a domain as a list, sizes for people' {
        $lines = Get-VirtDomain web1 | Format-List | Format-AsSeen
        $lines | Should -Contain 'Memory        : 4 GiB'
        ($lines -match '^\w+ +:').Count | Should -BeGreaterThan 18
    }

    It 'leave the values raw' {
        (Get-VirtDomain web1 | Select-Object *).Memory | Should -Be 4GB
        (Get-VirtDomain web1).MemoryGB | Should -Be 4
        (Get-VirtDomain web1).VMName | Should -Be web1
        (Get-VirtDomain web1).HostName | Should -Be test
    }

    It 'show a domain that came from another session the same' {
        $domain = Get-VirtDomain web1
        $far = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($domain, 2))
        $far.PSTypeNames[0] | Should -Be Deserialized.Virt.PowerShell.VirtDomain
        ($far | Format-AsSeen)[2] | Should -Match '^web1 +Running +2 +4 GiB +\d\d:\d\d:\d\d +test$'
    }

    It 'keep to themselves what only they use' {
        $domain = Get-VirtDomain web1
        $domain.MemoryText | Should -Be '4 GiB'
        ($domain | Get-Member).Name | Should -Not -Contain MemoryText
        ($domain | Select-Object *).PSObject.Properties.Name | Should -Not -Contain MemoryText
        $domain | ConvertTo-Json -Depth 1 -WarningAction Ignore | Should -Not -Match MemoryText
        $domain | ConvertTo-Csv | Select-Object -First 1 | Should -Not -Match MemoryText
    }

    It 'show <What> as a table' -ForEach @(
        @{ What = 'hosts'; Run = { Get-VirtHost }; Header = '^Name +Connected +ReadOnly +Hypervisor +CPU +Memory +Free +Uri$' }
        @{ What = 'checks'; Run = { Test-VirtHost }; Header = '^Host +Check +Status +Message +Recommendation$' }
        @{ What = 'measurements'; Run = { Measure-VirtDomain web1 -IntervalSec 0.1 }; Header = '^Name +CPU% +Memory +Read/s +Write/s +Recv/s +Send/s +Host$' }
        @{ What = 'capabilities'; Run = { Get-VirtCapability }; Header = '^Host +Architecture +CpuModel +KVM +Guests +Types +Machines$' }
        @{ What = 'domain capabilities'; Run = { Get-VirtCapability Domain }; Header = '^Host +Machine +Type +Architecture +MaxVCpu +CpuModels +Emulator$' }
        @{ What = 'CPU models'; Run = { Get-VirtCapability CpuModel }; Header = '^Name +Usable +Deprecated +Blockers +Host$' }
    ) {
        (& $Run | Format-AsSeen)[0] | Should -Match $Header
    }

    It 'give way to libvirt''s XML with -Raw' {
        ([xml](Get-VirtCapability -Raw)).capabilities.host.cpu | Should -Not -BeNullOrEmpty
        ([xml](Get-VirtCapability Domain -Raw)).domainCapabilities | Should -Not -BeNullOrEmpty
    }

    It 'load without errors' {
        $file = Join-Path (Split-Path (Get-TestManifest)) Virt.format.ps1xml
        { Update-FormatData -PrependPath $file -ErrorAction Stop } | Should -Not -Throw
    }
}
