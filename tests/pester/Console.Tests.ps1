BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'Consoles' {
    BeforeEach { Connect-VirtHost test:///default | Out-Null }
    AfterEach { Disconnect-VirtHost }

    Context 'Get-VirtConsole' {
        It 'lists text consoles, then screens' {
            $consoles = Get-VirtConsole web1
            $consoles.Type | Should -Be Serial, Vnc
            $consoles[0].Device | Should -Be serial0
            $consoles[0].Backend | Should -Be pty
            $consoles[0].DomainName | Should -Be web1
        }

        It 'lists those of a type' {
            (Get-VirtConsole web1 -Type Vnc).Type | Should -Be Vnc
            Get-VirtConsole web2 | Should -BeNullOrEmpty
        }

        It 'tells the password of a screen only when it is asked for' {
            (Get-VirtConsole web1 -Type Vnc).Password | Should -BeNullOrEmpty
            (Get-VirtConsole web1 -Type Vnc -IncludePassword).Password | Should -Be sesame
        }

        It 'shows a table' {
            (Get-VirtConsole web1 | Format-AsSeen)[0] | Should -Match '^Domain +Type +Device +Backend +Target +Uri$'
        }
    }

    Context 'Enter-VirtConsole in a script' {
        It 'sends texts and returns what came back, up to the pattern' {
            $said = Enter-VirtConsole web1 -InputText '', "one`r", "two`r" -Until '> ' -TimeoutSec 60
            $said.Count | Should -Be 3
            $said[0] | Should -Be "web1 on the test hypervisor`r`n> "
            $said[1] | Should -Be "one`r`n> "
            $said[2] | Should -Be "two`r`n> "
        }

        It 'takes a console from the pipeline and keeps a log' {
            $log = Join-Path $TestDrive console.log
            Get-VirtConsole web1 -Type Serial | Enter-VirtConsole -Until 'hypervisor' -Log $log | Should -Be 'web1 on the test hypervisor'
            Get-Content $log -Raw | Should -Match 'web1 on the test hypervisor'
        }

        It 'says what came last when the pattern does not come in time' {
            { Enter-VirtConsole web1 -Until 'login:' -TimeoutSec 1 -ErrorAction Stop } |
                Should -Throw '*without ''login:''*on the test hypervisor*'
        }

        It 'refuses <What>' -ForEach @(
            @{ What = 'a device that is not there'; Run = { Enter-VirtConsole web1 nosuch -Until x -ErrorAction Stop }; Message = "*no console 'nosuch'*" }
            @{ What = 'a domain that is off'; Run = { Enter-VirtConsole web2 -Until x -ErrorAction Stop }; Message = '*not active*' }
            @{ What = 'a domain without a console'; Run = { Enter-VirtConsole test -Until x -ErrorAction Stop }; Message = '*has no console*' }
            @{ What = 'a pattern that is none'; Run = { Enter-VirtConsole web1 -Until '(' -ErrorAction Stop }; Message = '*no regular expression*' }
        ) {
            $Run | Should -Throw $Message
        }

        It 'is denied to a read-only connection' {
            $h = Connect-VirtHost test:///default -ReadOnly -NotDefault
            { Enter-VirtConsole web1 -VirtHost $h -Until x -ErrorAction Stop } | Should -Throw '*read-only*'
        }
    }

    Context 'Completion' {
        It 'proposes the devices that are text consoles' {
            (Get-Completion 'Enter-VirtConsole web1 -Device s').CompletionText | Should -Be serial0
        }
    }

    Context 'Enter-VirtConsole in a terminal' {
        BeforeAll {
            $script = Join-Path $TestDrive enter.ps1
            "Import-Module '$(Get-TestManifest)'; Connect-VirtHost test:///default | Out-Null" +
                '; "READY"; [Console]::In.ReadLine() | Out-Null; Enter-VirtConsole web1; "LEFT"; [Console]::In.ReadLine()' | Set-Content $script
        }

        It 'carries keys both ways, Ctrl+C too, leaves with Ctrl+] and gives the terminal back as it was' -Skip:$IsWindows {
            $steps = ConvertTo-Json @(
                @{ wait = 'READY' }, @{ mark = 'before' }, @{ send = "`n" }, @{ wait = 'leaves\.[\s\S]*> ' }
                @{ send = "hello`r" }, @{ wait = 'hello\s+> ' }, @{ send = "$([char]3)" }, @{ wait = '\x03' }
                @{ send = "$([char]0x1d)" }, @{ wait = 'LEFT' }, @{ mark = 'after' }, @{ same = 'before', 'after' })
            $shown = python3 "$PSScriptRoot/terminal.py" $steps pwsh -NoProfile -NonInteractive -File $script 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 0 -Because $shown
        }

        It 'says how to go on without one' {
            $said = '' | pwsh -NoProfile -NonInteractive -Command "Import-Module '$(Get-TestManifest)'; Connect-VirtHost test:///default | Out-Null; Enter-VirtConsole web1" 2>&1 | Out-String
            $said | Should -Match 'needs a terminal'
            $said | Should -Match '-Until'
        }
    }
}
