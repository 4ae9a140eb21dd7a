BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'Devices' {
    BeforeEach { Connect-VirtHost test:///default | Out-Null }
    AfterEach { Disconnect-VirtHost }

    Context 'Naming them' {
        It 'binds <What>' -ForEach @(
            @{ What = 'a domain and a target by position'; Run = { Get-VirtDisk web1 vda } }
            @{ What = 'domains from the pipeline'; Run = { Get-VirtDomain web1 | Get-VirtDisk -Target vd* } }
            @{ What = 'disks from the pipeline'; Run = { Get-VirtDisk web1 vda | Get-VirtDisk } }
            @{ What = 'devices from the pipeline'; Run = { Get-VirtDevice web1 disk -Alias virtio-disk0 | Get-VirtDisk } }
            @{ What = 'a disk by position'; Run = { Get-VirtDisk (Get-VirtDisk web1 vda) } }
            @{ What = 'a disk as -InputObject'; Run = { Get-VirtDisk -InputObject (Get-VirtDisk web1 vda) } }
        ) {
            $disk = & $Run
            $disk.Target | Should -Be vda
            $disk.DomainName | Should -Be web1
        }

        It 'changes each disk that is piped, and no other' {
            # A guest that is paused lets go of nothing.
            Resume-VirtDomain db1
            Get-VirtDisk db1 | Set-VirtDisk -Iops 100 -Scope Both
            (Get-VirtDisk db1).Limits.Iops | Should -Be 100, 100
            Get-VirtDisk db1 vdb | Remove-VirtDisk -Scope Both -Confirm:$false
            (Get-VirtDisk db1).Target | Should -Be vda
        }

        It 'takes a device as its domain elsewhere' {
            (Get-VirtDisk web1 vda | Get-VirtXml).domain.name | Should -Be web1
        }
    }

    Context 'Views' {
        It 'show <What> as a table' -ForEach @(
            @{ What = 'disks'; Run = { Get-VirtDisk web1 }; Header = '^Domain +Target +Bus +Device +Format +Capacity +Used +Presence +Path$' }
            @{ What = 'cards'; Run = { Get-VirtNic web1 }; Header = '^Domain +MacAddress +Type +Source +Model +Connected +Presence +IPAddresses$' }
            @{ What = 'devices of all types'; Run = { Get-VirtDevice web1 }; Header = '^Domain +Type +Model +Alias +Address +Presence$' }
            @{ What = 'specifications of disks'; Run = { New-VirtDiskSpec -Size 1GB }; Header = '^Device +Size +Format +Bus +Cache +Backing +Path$' }
            @{ What = 'specifications of cards'; Run = { New-VirtNicSpec user }; Header = '^Type +Source +Model +Mac +Vlan +Connected$' }
        ) {
            $lines = & $Run | Format-AsSeen
            $lines[0] | Should -Match $Header
            # One table for all rows.
            @($lines -match '^-').Count | Should -Be 1
        }

        It 'leave sizes raw' {
            (Get-VirtDisk web1 vda).Capacity | Should -Be 10GB
            (Get-VirtDisk web1 vda).CapacityGB | Should -Be 10
        }
    }

    Context 'New-VirtDomain' {
        It 'makes what <What> says' -ForEach @(
            @{ What = 'a size'; Disk = 20GB; Path = '/guest/n1.qcow2'; Format = 'qcow2' }
            @{ What = 'a size as text'; Disk = '20G'; Path = '/guest/n1.qcow2'; Format = 'qcow2' }
            @{ What = 'a name with a size'; Disk = 'data:20GB'; Path = '/guest/data.qcow2'; Format = 'qcow2' }
            @{ What = 'a path'; Disk = '/images/a.qcow2'; Path = '/images/a.qcow2'; Format = 'qcow2' }
            @{ What = 'a hashtable'; Disk = @{ Size = '20GB'; Format = 'raw' }; Path = '/guest/n1.img'; Format = 'raw' }
            @{ What = 'an object from JSON'; Disk = ('{ "Path": "/images/b.raw", "Bus": "scsi" }' | ConvertFrom-Json); Path = '/images/b.raw'; Format = 'raw' }
        ) {
            $made = New-VirtDomain n1 -Disk $Disk | Get-VirtDisk
            $made.Path | Should -Be $Path
            $made.Format | Should -Be $Format
        }

        It 'refuses <Arguments>: <Said>' -ForEach @(
            @{ Arguments = @{ Disk = @{ Paht = '/x' } }; Said = "*has no 'Paht'. It can have Path,*" }
            @{ Arguments = @{ Disk = 20 }; Said = '*too small for a disk*' }
            @{ Arguments = @{ Network = 'br0' }; Said = '*bridge:br0*' }
            @{ Arguments = @{ Graphics = 'rdp' }; Said = '*vnc, spice*' }
            @{ Arguments = @{ Serial = 'com1' }; Said = '*Give pty*' }
            @{ Arguments = @{ SharedFolder = 'data' }; Said = '*absolute path*' }
            @{ Arguments = @{ Memory = 2GB; MaximumMemory = 1GB }; Said = '*less than*' }
            @{ Arguments = @{ CloudInit = 'nofile' }; Said = '*neither user-data nor a file*' }
        ) {
            { New-VirtDomain n1 @Arguments -ErrorAction Stop } | Should -Throw $Said
            Get-VirtDomain n1 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        }

        It 'takes several cards, displays and folders' {
            $xml = New-VirtDomain n1 -Network bridge:br0, @{ Network = 'default'; Mac = '52:54:00:12:34:56' } -Graphics vnc, spice -SharedFolder /srv/a, @{
                Path = '/srv/b'; Driver = '9p'
            } -Tpm -SecureBoot -Cpu 'EPYC,+vmx' | Get-VirtXml
            $xml.domain.devices.interface.type | Should -Be bridge, network
            $xml.domain.devices.graphics.type | Should -Be vnc, spice
            $xml.domain.devices.filesystem.target.dir | Should -Be a, b
            $xml.domain.os.firmware | Should -Not -BeNullOrEmpty
            $xml.domain.cpu.feature.name | Should -Be vmx
        }
    }

    Context 'XML' {
        It 'comes over the pipeline line by line, as a program prints it' {
            (Get-VirtXml web2 -Raw) -split "`n" | Import-VirtDomain -NewName web9 -GenerateNewId | ForEach-Object Name | Should -Be web9
        }

        It 'goes into files and comes back' {
            $files = Get-VirtDomain web* -All | Export-VirtDomain -Path TestDrive:/
            $files.Name | Sort-Object | Should -Be web1.xml, web2.xml
            Remove-VirtDomain web2 -Confirm:$false
            Get-ChildItem TestDrive:/web2.xml | Import-VirtDomain | ForEach-Object Name | Should -Be web2
        }

        It 'is edited by a script, and the difference shown' {
            $log = Join-Path TestDrive: edit.txt
            Start-Transcript $log | Out-Null
            try { Edit-VirtXml web2 { $_.domain.title = 'New' } -WhatIf } finally { Stop-Transcript | Out-Null }
            Get-Content $log | Should -Contain '+  <title>New</title>'
            (Get-VirtDomain web2).Title | Should -Not -Be New
            (Edit-VirtXml web2 { param($xml) $xml.domain.title = 'New' } -PassThru).Title | Should -Be New
        }

        It 'names line and element of what is refused' {
            Edit-VirtXml web2 { $null = $_.domain['devices'].AppendChild($_.CreateElement('oops')) } -ErrorVariable problem -ErrorAction SilentlyContinue
            "$($problem[0])" | Should -Match 'ine \d+: <oops>'
        }
    }
}
