BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'Events' {
    BeforeEach { Connect-VirtHost test:///default | Out-Null }
    AfterEach {
        Get-EventSubscriber | Unregister-Event
        Get-Event | Remove-Event
        Disconnect-VirtHost
    }

    Context 'Register-VirtEvent' {
        It 'makes lifecycle events events of the engine' {
            $s = Register-VirtEvent -SourceIdentifier life -MessageData 42
            $s | Should -BeOfType System.Management.Automation.PSEventSubscriber
            Stop-VirtDomain web1
            $event = Wait-Event life -Timeout 30
            $event.SourceEventArgs.Kind | Should -Be Shutdown
            $event.SourceEventArgs.Name | Should -Be web1
            $event.SourceEventArgs.Domain.VirtHost.Name | Should -Be test
            $event.MessageData | Should -Be 42
            Remove-Event -EventIdentifier $event.EventIdentifier
            (Wait-Event life -Timeout 30).SourceEventArgs.Kind | Should -Be Stopped
        }

        It 'filters by name and kind' {
            $null = Register-VirtEvent web* -Kind Started -SourceIdentifier web
            Stop-VirtDomain web1, test
            Start-VirtDomain test, web2
            (Wait-Event web -Timeout 30).SourceEventArgs | ForEach-Object { "$($_.Name) $($_.Kind)" } | Should -Be 'web2 Started'
            @(Get-Event web).Count | Should -Be 1
        }

        It 'runs an action, whose job receives what it returns' {
            $s = Register-VirtEvent web1 -Kind Stopped -Action { "$($EventArgs.Name) is $($EventArgs.Domain.State)" }
            Stop-VirtDomain web1
            # Actions run between commands.
            Wait-Until { $s.Action.HasMoreData }
            Receive-Job $s.Action | Should -Be 'web1 is Shutoff'
        }

        It 'keeps the order of events, also for actions' {
            $null = Register-VirtEvent -SourceIdentifier life -Name web*
            $job = (Register-VirtEvent -SourceIdentifier acted -Name web* -Action { "$($EventArgs.Name) $($EventArgs.Kind)" }).Action
            $null = Register-VirtEvent -SourceIdentifier done -Kind Undefined
            foreach ($i in 1..20) {
                Start-VirtDomain web2
                Stop-VirtDomain web2
            }
            Stop-VirtDomain web1
            Remove-VirtDomain web1 -Confirm:$false
            $null = Wait-Event done -Timeout 30
            $want = @(foreach ($i in 1..20) { 'web2 Resumed', 'web2 Started', 'web2 Shutdown', 'web2 Stopped' }) +
            @('web1 Shutdown', 'web1 Stopped', 'web1 Undefined')
            Wait-Until { @(Get-Event life).Count -ge $want.Count }
            @(Get-Event life | ForEach-Object { "$($_.SourceEventArgs.Name) $($_.SourceEventArgs.Kind)" }) | Should -Be $want
            $acted = [Collections.Generic.List[string]]::new()
            Wait-Until {
                foreach ($line in Receive-Job $job) { $acted.Add($line) }
                $acted.Count -ge $want.Count
            }
            $acted | Should -Be $want
        }

        It 'refuses a name that is taken, before anything is subscribed' {
            $null = Register-VirtEvent -SourceIdentifier life
            { Register-VirtEvent -SourceIdentifier Life -ErrorAction Stop } | Should -Throw "*'Life' already*" -ErrorId 'VirtInvalidArgument,*'
            { Register-VirtEvent -SourceIdentifier PowerShell.Mine -ErrorAction Stop } | Should -Throw '*PowerShell''s own*'
            @(Get-EventSubscriber).Count | Should -Be 1
        }

        It 'ends with the module' {
            $null = Register-VirtEvent -SourceIdentifier life
            Remove-Module Virt
            Get-EventSubscriber | Should -BeNullOrEmpty
            Import-TestModule
        }

        It 'ends with Unregister-Event, also at the host' {
            $s = Register-VirtEvent -SourceIdentifier short
            $source = $s.SourceObject
            $s | Unregister-Event
            Get-EventSubscriber | Should -BeNullOrEmpty
            Stop-VirtDomain web1
            Get-Event | Should -BeNullOrEmpty
            $source | Should -Not -BeNullOrEmpty
        }

        It 'ends by itself after -MaxTriggerCount' {
            $null = Register-VirtEvent -Kind Stopped -SourceIdentifier once -MaxTriggerCount 1
            Stop-VirtDomain web1
            $null = Wait-Event once -Timeout 30
            # The engine takes the subscription away after it has shown the event.
            Wait-Until { -not (Get-EventSubscriber) }
            Stop-VirtDomain test
            @(Get-Event once).Count | Should -Be 1
            Get-EventSubscriber | Should -BeNullOrEmpty
        }

        It 'runs an action no more often than -MaxTriggerCount, and leaves nothing in the queue' {
            $s = Register-VirtEvent -Kind Stopped -SourceIdentifier once -MaxTriggerCount 1 -Action { Start-Sleep -Milliseconds 300; $EventArgs.Name }
            Stop-VirtDomain web1, test
            Wait-Until { -not (Get-EventSubscriber) }
            @(Receive-Job $s.Action).Count | Should -Be 1
            Get-Event | Should -BeNullOrEmpty
            Get-EventSubscriber | Should -BeNullOrEmpty
        }

        It 'shows events as a table' {
            $null = Register-VirtEvent -Kind Stopped -SourceIdentifier view
            Stop-VirtDomain web1
            $seen = (Wait-Event view -Timeout 30).SourceEventArgs | Format-Table | Format-AsSeen
            $seen[0] | Should -Match '^Time +Name +Kind +Detail +State +Host$'
            $seen[2] | Should -Match 'web1 +Stopped +Shutdown +Shutoff +test$'
        }
    }
}
