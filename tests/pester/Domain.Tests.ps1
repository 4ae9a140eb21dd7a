BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'Domains' {
    BeforeEach { $h = Connect-VirtHost test:///default }
    AfterEach { Disconnect-VirtHost }

    Context 'Naming domains' {
        It 'binds <What>' -ForEach @(
            @{ What = 'a name by position'; Run = { Get-VirtXml web1 } }
            @{ What = 'a name as -VMName'; Run = { Get-VirtXml -VMName web1 } }
            @{ What = 'a name from the pipeline'; Run = { 'web1' | Get-VirtXml } }
            @{ What = 'an object by position'; Run = { Get-VirtXml (Get-VirtDomain web1) } }
            @{ What = 'an object from the pipeline'; Run = { Get-VirtDomain web1 | Get-VirtXml } }
            @{ What = 'an object as -InputObject'; Run = { Get-VirtXml -InputObject (Get-VirtDomain web1) } }
            @{ What = 'an object as -Domain'; Run = { Get-VirtXml -Domain (Get-VirtDomain web1) } }
            @{ What = 'a uuid'; Run = { Get-VirtXml (Get-VirtDomain web1).Uuid } }
            @{ What = 'a uuid as text'; Run = { Get-VirtXml -Uuid "$((Get-VirtDomain web1).Uuid)" } }
            @{ What = 'a runtime id'; Run = { Get-VirtXml -Id (Get-VirtDomain web1).Id } }
            @{ What = 'a row of a CSV file'; Run = { "Name,VirtHost`nweb1,test" | ConvertFrom-Csv | Get-VirtXml } }
            @{ What = 'an object that was exported'; Run = {
                    Get-VirtDomain web1 | Export-Clixml TestDrive:/d.xml
                    Import-Clixml TestDrive:/d.xml | Get-VirtXml
                }
            }
            @{ What = 'a wildcard'; Run = { Get-VirtXml [vw]eb1 } }
        ) {
            @(& $Run).domain.name | Should -Be web1
        }

        It 'takes names with wildcard characters when they are escaped' {
            "<domain type='test'><name>a[1]</name><memory>1024</memory><os><type>hvm</type></os></domain>" | New-VirtDomain | Out-Null
            (Get-VirtDomain 'a`[1`]').Name | Should -Be 'a[1]'
            (Get-VirtDomain ([WildcardPattern]::Escape('a[1]'))).Name | Should -Be 'a[1]'
        }

        It 'refuses nothing, null and empty names when binding' {
            { Stop-VirtDomain $null } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
            { Stop-VirtDomain '' } | Should -Throw
            { Stop-VirtDomain @() } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        }

        It 'does not touch the domain of another host with the same name' {
            $other = Connect-VirtHost 'test:///default?domains=1'
            Get-VirtDomain web1 -VirtHost $other | Stop-VirtDomain
            (Get-VirtDomain web1 -VirtHost $h).State | Should -Be Running
            (Get-VirtDomain web1 -VirtHost $other).State | Should -Be Shutoff
        }
    }

    Context 'Errors' {
        It 'are about each name, stable, and do not stop the others' {
            $found = Get-VirtDomain nope, web1 -ErrorVariable problem -ErrorAction SilentlyContinue
            $found.Name | Should -Be web1
            $problem.Count | Should -Be 1
            $problem[0].FullyQualifiedErrorId | Should -Be 'VirtDomainNotFound,Virt.PowerShell.GetVirtDomainCommand'
            $problem[0].CategoryInfo.Category | Should -Be ObjectNotFound
            $problem[0].TargetObject | Should -Be nope
            $problem[0].Exception.Code | Should -Be NoDomain
            [int]$problem[0].Exception.Code | Should -Be 42
        }

        It 'can be caught by type' {
            $caught = try { Stop-VirtDomain nope -ErrorAction Stop } catch [Virt.Errors.VirtNotFoundException] { 'not found' }
            $caught | Should -Be 'not found'
        }

        It 'show what to do next' {
            $shown = (Stop-VirtDomain db1 2>&1 | Out-String) -replace '\e\[[0-9;]*m'
            $shown | Should -Match 'paused'
            $shown | Should -Match 'Recommendation: .*(Resume|resume)'
        }

        It 'name the line of malformed XML' {
            New-VirtDomain -Xml "<domain>`n<name>x</nam></domain>" -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'VirtMalformedXml,*'
            "$($problem[0])" | Should -Match '(?i)line 2'
        }
    }

    Context 'Changes' {
        It 'stop all that runs, in one line' {
            Get-VirtDomain -All | Stop-VirtDomain -TimeoutSec 1 -WarningAction SilentlyContinue -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem.TargetObject.Name | Should -Be db1, legacy1
            (Get-VirtDomain).Name | Should -Be db1, legacy1
        }

        It 'say the effect with -WhatIf, and do nothing: <Expected>' -ForEach @(
            @{ Run = { Get-VirtDomain web1 | Stop-VirtDomain -WhatIf }; Expected = "Shut down running domain 'web1' on test" }
            @{ Run = { Stop-VirtDomain web1 -TurnOff -WhatIf }; Expected = "Turn off running domain 'web1' on test" }
            @{ Run = { Remove-VirtDomain web1 -Force -WhatIf }; Expected = "Turn off and remove running domain 'web1' on test" }
            @{ Run = { Remove-VirtDomain report1 -WhatIf }; Expected = "Remove stopped domain 'report1' and its saved state on test" }
            @{ Run = { Set-VirtDomain web1 -Memory 2GB -WhatIf }; Expected = "Set memory to 2 GiB of domain 'web1' on test" }
            @{ Run = { Rename-VirtDomain web2 www -WhatIf }; Expected = "Rename domain 'web2' to 'www' on test" }
            @{ Run = { Suspend-VirtDomain web1 -WhatIf }; Expected = "Pause running domain 'web1' on test" }
            @{ Run = { New-VirtDomain n1 -Start -WhatIf }; Expected = "Define and start domain 'n1' on test: 1 GiB, 1 virtual CPU, network card on user network" }
            @{ Run = { Stop-VirtDomain web2 -WhatIf }; Expected = "Leave stopped domain 'web2', which is already off, on test" }
        ) {
            $before = Get-VirtDomain -All | Select-Object Name, State, Memory | ConvertTo-Json
            # The engine writes "What if:" to the host alone; a transcript has it too.
            $log = Join-Path TestDrive: whatif.txt
            Start-Transcript $log | Out-Null
            try { & $Run | Out-Null } finally { Stop-Transcript | Out-Null }
            Get-Content $log | Should -Contain "What if: $Expected"
            Get-VirtDomain -All | Select-Object Name, State, Memory | ConvertTo-Json | Should -Be $before
        }

        It 'ask before they remove' {
            $session = New-TestSession 'Connect-VirtHost test:///default; Remove-VirtDomain web2'
            $null = $session.Invoke()
            # This session has nobody to ask.
            $shown = "$($session.Streams.Error)"
            $session.Dispose()
            $shown | Should -Match "Remove stopped domain 'web2' on test\?"
            Get-VirtDomain web2 | Should -Not -BeNullOrEmpty
        }

        It 'warn of a state that is there already: <Expected>' -ForEach @(
            @{ Run = { Start-VirtDomain web1 }; Expected = "The domain 'web1' on test is already running." }
            @{ Run = { Stop-VirtDomain web2 }; Expected = "The domain 'web2' on test is already off." }
            @{ Run = { Suspend-VirtDomain db1 }; Expected = "The domain 'db1' on test is already paused." }
            @{ Run = { Resume-VirtDomain web1 }; Expected = "The domain 'web1' on test is already running." }
        ) {
            $shown = & $Run 3>&1 2>&1
            $shown | Should -BeOfType System.Management.Automation.WarningRecord
            "$shown" | Should -Be $Expected
        }

        It 'return the domain with -PassThru, as it is then' {
            (Suspend-VirtDomain web1 -PassThru).State | Should -Be Paused
            (Get-VirtDomain web1 | Resume-VirtDomain -PassThru).State | Should -Be Running
            (Stop-VirtDomain web1 -PassThru).State | Should -Be Shutoff
            (Start-VirtDomain web1 -Paused -PassThru).State | Should -Be Paused
            (Rename-VirtDomain web2 www2 -PassThru).Name | Should -Be www2
            (Set-VirtDomain web1 -Title 'A title' -Scope Config -PassThru).Name | Should -Be web1
        }

        It 'refuse to remove what runs, without -Force' {
            Remove-VirtDomain web1 -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -Be 'VirtInvalidState,Virt.PowerShell.RemoveVirtDomainCommand'
            $problem[0].ErrorDetails.RecommendedAction | Should -Match 'Force'
            Remove-VirtDomain web1 -Force -Confirm:$false
            Get-VirtDomain web1* | Should -BeNullOrEmpty
        }

        It 'honour $WhatIfPreference and $ConfirmPreference' {
            & { $WhatIfPreference = $true; Stop-VirtDomain web1 -TurnOff }
            (Get-VirtDomain web1).State | Should -Be Running
            & { $ConfirmPreference = 'None'; Remove-VirtDomain web2 }
            Get-VirtDomain web2* | Should -BeNullOrEmpty
        }

        It 'end at once on Ctrl+C' {
            $session = New-TestSession "Connect-VirtHost test:///default | Out-Null; 'ready'; Stop-VirtDomain legacy1 -TimeoutSec 100000"
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $run = $session.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while ($output.Count -eq 0 -and -not $run.IsCompleted) { $null = $run.AsyncWaitHandle.WaitOne(50) }
            $null = $run.AsyncWaitHandle.WaitOne(500)
            $run.IsCompleted | Should -BeFalse
            $session.Stop()
            $session.InvocationStateInfo.State | Should -Be Stopped
            $session.Dispose()
        }

        It 'end when the pipeline needs no more' {
            Get-VirtDomain web1, legacy1 | Stop-VirtDomain -TimeoutSec 60 -PassThru | Select-Object -First 1 | ForEach-Object Name | Should -Be web1
        }
    }

    Context 'New-VirtDomain' {
        It 'makes a domain of parameters' {
            $made = New-VirtDomain n1 -Memory 2G -VCpu 2 -Disk /a/one.qcow2, /a/two.img -Iso /a/cd.iso -Title "it's <new>" -Start
            $made.State | Should -Be Running
            $made.Memory | Should -Be 2GB
            $made.Title | Should -Be "it's <new>"
            $disks = (Get-VirtXml n1).domain.devices.disk
            $disks.driver.type | Should -Be qcow2, raw, raw
            $disks.target.dev | Should -Be vda, vdb, sda
        }

        It 'takes <What>' -ForEach @(
            @{ What = 'text'; Run = { New-VirtDomain -Xml $text } }
            @{ What = 'text from the pipeline'; Run = { $text | New-VirtDomain } }
            @{ What = 'a document from the pipeline'; Run = { [xml]$text | New-VirtDomain } }
            @{ What = 'an XElement'; Run = { [System.Xml.Linq.XElement]::Parse($text) | New-VirtDomain } }
            @{ What = 'a path'; Run = { $text | Set-Content TestDrive:/n.xml; New-VirtDomain -Path TestDrive:/n*.xml } }
            @{ What = 'a file from the pipeline'; Run = { $text | Set-Content TestDrive:/n.xml; Get-ChildItem TestDrive:/n.xml | New-VirtDomain } }
        ) {
            $text = "<domain type='test'><name>fromxml</name><memory unit='MiB'>512</memory><os><type>hvm</type></os></domain>"
            (& $Run).Name | Should -Be fromxml
            (Get-VirtDomain fromxml).Memory | Should -Be 512MB
        }

        It 'refuses a name that is taken' {
            New-VirtDomain web1 -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -Be 'VirtDomainExists,Virt.PowerShell.NewVirtDomainCommand'
            $problem[0].CategoryInfo.Category | Should -Be ResourceExists
        }

        It 'replaces a definition only with its uuid and -Force' {
            $xml = Get-VirtXml web2 -Inactive
            $xml.domain.title = 'Replaced'
            { $xml | New-VirtDomain -ErrorAction Stop } | Should -Throw -ErrorId 'VirtDomainExists,*'
            ($xml | New-VirtDomain -Force).Title | Should -Be Replaced
        }

        It 'says which forms of a size it takes' {
            { New-VirtDomain n1 -Memory lots } | Should -Throw "*'lots' is not a size*2GB*512MiB*"
        }

        It 'asks for the host when several are connected' {
            Connect-VirtHost 'test:///default?domains=1' | Out-Null
            { New-VirtDomain n1 } | Should -Throw -ErrorId 'VirtInvalidArgument,*'
            (New-VirtDomain n1 -VirtHost $h).VirtHost | Should -Be $h
        }
    }

    Context 'Objects' {
        It 'have raw values: bytes, TimeSpan, enumerations' {
            $d = Get-VirtDomain web1
            $d.Memory | Should -BeOfType long
            $d.Uptime | Should -BeOfType timespan
            $d.State | Should -BeOfType Virt.Domains.DomainState
            (Get-VirtDomain web2).Uptime | Should -BeNullOrEmpty
        }

        It 'renew themselves' {
            $d = Get-VirtDomain web1
            Stop-VirtDomain web1
            $d.State | Should -Be Running
            $d.Refresh()
            $d.State | Should -Be Shutoff
        }

        It 'act through their methods' {
            $d = Get-VirtDomain web2
            $d.Start()
            $d.State | Should -Be Running
            $d.Suspend()
            $d.Resume()
            $d.TurnOff()
            $d.State | Should -Be Shutoff
        }

        It 'become JSON, CSV and XML and come back' {
            $d = Get-VirtDomain web1
            ($d | ConvertTo-Json -Depth 3 -WarningVariable cut | ConvertFrom-Json).VirtHost.Name | Should -Be test
            $cut | Should -BeNullOrEmpty
            ($d | ConvertTo-Csv | ConvertFrom-Csv).VirtHost | Should -Be test
            $d | Export-Clixml TestDrive:/d.xml
            (Import-Clixml TestDrive:/d.xml).Memory | Should -Be $d.Memory
        }
    }

    Context 'Measure-VirtDomain' {
        It 'returns rates, as many as asked for' {
            $measured = @(Measure-VirtDomain web1, test -IntervalSec 0.1 -Count 2)
            $measured.Count | Should -Be 4
            $measured[0].CpuPercent | Should -BeOfType double
            $measured[0].Interval | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'warns of a domain that is off' {
            (Measure-VirtDomain web2 -IntervalSec 0.1 3>&1) | Should -BeOfType System.Management.Automation.WarningRecord
        }
    }

    Context 'Wait-VirtDomain' {
        It 'waits for an event' {
            Stop-VirtDomain web1 -NoWait
            (Wait-VirtDomain web1 -State Shutoff -TimeoutSec 30 -PassThru).State | Should -Be Shutoff
        }

        It 'is an error when the time is up' {
            { Wait-VirtDomain web1 -State Paused -TimeoutSec 0 -ErrorAction Stop } | Should -Throw -ErrorId 'VirtTimeout,Virt.PowerShell.WaitVirtDomainCommand'
        }
    }

    Context 'Get-VirtXml' {
        It 'returns a document, or text with -Raw' {
            Get-VirtXml web1 | Should -BeOfType System.Xml.XmlDocument
            Get-VirtXml web1 -Raw | Should -BeLike '<domain*'
        }

        It 'shows passwords only with -Secure' {
            (Get-VirtXml web1).domain.devices.graphics.GetAttribute('passwd') | Should -BeNullOrEmpty
            (Get-VirtXml web1 -Secure).domain.devices.graphics.GetAttribute('passwd') | Should -Be sesame
        }
    }
}
