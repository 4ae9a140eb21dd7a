BeforeDiscovery {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
    $commands = Get-Command -Module Virt | ForEach-Object { @{ Name = $_.Name } }
    $examples = foreach ($command in Get-Command -Module Virt) {
        foreach ($example in (Get-Help $command.Name -Full).examples.example) {
            @{ Name = $command.Name; Title = $example.title.Trim('-', ' '); Code = $example.code }
        }
    }
}

BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    Import-TestModule
}

Describe 'The module' {
    It 'has a manifest that PowerShell accepts' {
        $manifest = Test-ModuleManifest (Get-TestManifest)
        $manifest.PowerShellVersion | Should -Be '7.6'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'exports cmdlets only, all that it has' {
        $module = Get-Module Virt
        $module.ExportedCmdlets.Count | Should -BeGreaterThan 35
        $module.ExportedFunctions.Count | Should -Be 0
        $module.ExportedAliases.Count | Should -Be 0
        $module.ExportedVariables.Count | Should -Be 0
        $declared = $module.ImplementingAssembly.GetExportedTypes() | Where-Object {
            -not $_.IsAbstract -and $_.IsSubclassOf([System.Management.Automation.PSCmdlet])
        }
        @($declared).Count | Should -Be $module.ExportedCmdlets.Count
    }

    It 'uses approved verbs and the noun prefix Virt' {
        $approved = (Get-Verb).Verb
        foreach ($command in Get-Command -Module Virt) {
            $command.Verb | Should -BeIn $approved
            $command.Noun | Should -BeLike 'Virt*'
        }
    }

    It 'imports without a word under strict mode' {
        $session = New-TestSession 'Set-StrictMode -Version Latest; Get-VirtDomain -All -VirtHost (Connect-VirtHost test:///default)'
        $null = $session.Invoke()
        $session.HadErrors | Should -BeFalse
        $session.Streams.Warning | Should -BeNullOrEmpty
        $session.Dispose()
    }

    It 'closes the connections when it is removed' {
        $h = Connect-VirtHost test:///default
        Remove-Module Virt
        $h.Connected | Should -BeFalse
        Import-TestModule
    }

    It 'supports -WhatIf on all that change something' {
        $changing = 'New', 'Add', 'Set', 'Edit', 'Import', 'Export', 'Start', 'Stop', 'Restart', 'Suspend', 'Resume', 'Rename', 'Remove',
        'Disconnect'
        # Specifications are made in memory alone.
        foreach ($command in Get-Command -Module Virt | Where-Object Noun -NotLike *Spec) {
            $command.Parameters.ContainsKey('WhatIf') | Should -Be ($command.Verb -in $changing) -Because $command.Name
        }
    }
}

Describe 'The help of <Name>' -ForEach $commands {
    It 'has synopsis, description and two examples' {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -BeLike "$Name *"
        $help.description.Text | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
    }

    It 'describes each parameter' {
        $help = Get-Help $Name -Full
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            ($help.parameters.parameter | Where-Object name -EQ $parameter).description.Text | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }
}

Describe 'The examples of the help' {
    BeforeAll {
        # The answers of a person. Base64, as Ceph's keys are.
        function Read-Host { ConvertTo-SecureString c2VjcmV0 -AsPlainText -Force }
        Push-Location $TestDrive
        '<secret><usage type="iscsi"><target>web</target></usage></secret>' | Set-Content secret.xml
    }
    AfterAll { Pop-Location }
    BeforeEach {
        Connect-VirtHost test:///default | Out-Null
        if ($Name -in 'Get-VirtSecret', 'Set-VirtSecret', 'Remove-VirtSecret') {
            foreach ($image in 'db', 'old') {
                New-VirtSecret Volume "/var/lib/virt/images/$image.qcow2" -Value (Read-Host) | Out-Null
            }
        }
    }
    AfterEach {
        Get-EventSubscriber | Unregister-Event
        Disconnect-VirtHost
    }

    # One is for a person at a terminal; Console.Tests.ps1 has a terminal.
    It '<Name>: <Title>' -ForEach ($examples | Where-Object Title -NE 'Example 1: At the console of a domain') {
        # Errors stop the example, as nobody would call it one otherwise.
        { $ErrorActionPreference = 'Stop'; & ([scriptblock]::Create($Code)) 3>$null 4>$null } | Should -Not -Throw
    }

    It 'about_Virt is there' {
        Get-Help about_Virt | Should -Match 'Connect-VirtHost'
    }
}
