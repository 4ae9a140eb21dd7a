# What the module is made of: images that any machine loads, and libraries that are loaded apart from those of other modules.
BeforeDiscovery {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    $folder = Split-Path (Get-TestManifest)
    $images = Get-ChildItem $folder -Recurse -Filter *.dll | ForEach-Object { @{ Image = [IO.Path]::GetRelativePath($folder, $_.FullName) } }
}

BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    $folder = Split-Path (Get-TestManifest)
    $libraries = (Get-ChildItem (Join-Path $folder lib) -Filter *.dll).BaseName
    $other = Join-Path (Split-Path $PSScriptRoot) 'Virt.OtherModule/bin/Release/net10.0/OtherModule.psd1'

    # The assemblies of a context, as lines of name, version and file.
    $report = {
        foreach ($context in [Runtime.Loader.AssemblyLoadContext]::All) {
            foreach ($assembly in $context.Assemblies) { "loaded|$($context.Name)|$($assembly.GetName().Name)|$($assembly.GetName().Version)|$($assembly.Location)" }
        }
    }

    # The driver of the daemon's side is reached through a real connection: framing, codec and all.
    $place = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "vt$PID-$(Get-Random -Maximum 9999)")).FullName
    $daemon = $env:VIRT_DAEMON ? $env:VIRT_DAEMON : (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'out/virtd/virtd')
    $process = Start-Process $daemon '--root', $place -PassThru -RedirectStandardError "$place/virtd.log" -RedirectStandardOutput "$place/virtd.out"
    Wait-Until { $process.HasExited -or "$(Get-Content "$place/virtd.log" -Raw)" -match 'ready at' }
    $list = "(Get-VirtDomain -All -VirtHost (Connect-VirtHost 'test+unix:///default?socket=$place/run/virt/virtd.sock')).Count"

    function Get-Loaded {
        param([string[]] $Line, [string] $Context)
        $Line -like "loaded|$Context|*" | ForEach-Object {
            $null, $null, $name, $version, $file = $_.Split('|')
            [pscustomobject]@{ Name = $name; Version = [version]$version; File = $file }
        }
    }
}

AfterAll {
    $process.Kill()
    $process.WaitForExit()
    Remove-Item $place -Recurse -Force
}

Describe 'The image <Image>' -ForEach $images {
    It 'is code for any machine' {
        $stream = [IO.File]::OpenRead((Join-Path $folder $Image))
        try {
            $headers = [Reflection.PortableExecutable.PEReader]::new($stream).PEHeaders
            # What the compiler writes for every machine is marked as for this one, and as having nothing but IL.
            $headers.CoffHeader.Machine | Should -Be I386
            $headers.CorHeader.Flags.HasFlag([Reflection.PortableExecutable.CorFlags]::ILOnly) | Should -BeTrue
            $headers.CorHeader.Flags.HasFlag([Reflection.PortableExecutable.CorFlags]::Requires32Bit) | Should -BeFalse
            # Where code that was compiled ahead would be.
            $headers.CorHeader.ManagedNativeHeaderDirectory.Size | Should -Be 0
        }
        finally { $stream.Dispose() }
    }
}

Describe 'The libraries of the module' {
    It 'lie where PowerShell does not look for assemblies' {
        (Get-ChildItem $folder -Filter *.dll).Name | Should -Be 'Virt.PowerShell.dll'
        $libraries | Should -Contain 'Virt.Core'
    }

    It 'are all loaded apart, and from there' {
        $lines = Invoke-NewPwsh "$list; $report"
        $default = Get-Loaded $lines Default
        $default.Name | Should -Contain 'Virt.PowerShell'
        $default.Name | Where-Object { $_ -in $libraries } | Should -BeNullOrEmpty
        $apart = Get-Loaded $lines Virt
        $apart.Name | Should -Contain 'Virt.Core'
        $apart.File | ForEach-Object { Split-Path $_ } | Sort-Object -Unique | Should -Be (Join-Path $folder lib)
    }

    It 'stand beside those of another module, which comes <Order>' -ForEach @(
        @{ Order = 'first'; Script = { "Import-Module '$other'; ConvertTo-OtherPack x; Import-Module '$(Get-TestManifest)'; $list" } }
        @{ Order = 'last'; Script = { "Import-Module '$(Get-TestManifest)'; $list; Import-Module '$other'; ConvertTo-OtherPack x; $list" } }
    ) {
        $lines = Invoke-NewPwsh -Import (& $Script) $report
        # The bytes of 'x', and the number of domains.
        $lines | Should -Contain 161
        $lines | Should -Contain 120
        $lines | Should -Contain 7
        $theirs = Get-Loaded $lines Default | Where-Object Name -EQ MessagePack
        $theirs.File | Should -Be (Join-Path (Split-Path $other) MessagePack.dll)
        foreach ($loaded in Get-Loaded $lines Virt) {
            $loaded.Version | Should -Be ([Reflection.AssemblyName]::GetAssemblyName((Join-Path $folder "lib/$($loaded.Name).dll")).Version)
        }
        (Get-Loaded $lines Virt | Where-Object Name -EQ MessagePack).Version | Should -Not -Be $theirs.Version
    }
}

Describe 'The module in a session' {
    It 'gives scripts its types by name' {
        Invoke-NewPwsh @'
            [Virt.Domains.DomainState]::Running
            [Virt.PowerShell.VirtDomain].FullName
            try { Stop-VirtDomain nope -VirtHost (Connect-VirtHost test:///default) } catch [Virt.Errors.VirtNotFoundException] { $_.Exception.Code }
'@ | Should -Be 'Running', 'Virt.PowerShell.VirtDomain', 'NoDomain'
    }

    It 'is imported again after it was removed' {
        Invoke-NewPwsh "$list; Remove-Module Virt; Import-Module '$(Get-TestManifest)'; $list; Import-Module '$(Get-TestManifest)' -Force; $list" |
            Should -Be 7, 7, 7
    }

    It 'is imported from a path with spaces, by its name' {
        $copy = (New-Item -ItemType Directory "$TestDrive/with some spaces").FullName
        Copy-Item $folder $copy -Recurse
        $lines = Invoke-NewPwsh -Import "`$env:PSModulePath = '$copy' + [IO.Path]::PathSeparator + `$env:PSModulePath" "$list; (Get-Module Virt).ModuleBase; $report"
        $lines[0, 1] | Should -Be 7, (Join-Path $copy (Split-Path -Leaf $folder))
        (Get-Loaded $lines Virt).File | Should -Contain (Join-Path $copy "$(Split-Path -Leaf $folder)/lib/Virt.Core.dll")
    }

    It 'is used by many runspaces at once, and by another process' {
        Invoke-NewPwsh @"
            1..4 | ForEach-Object -Parallel { Import-Module '$(Get-TestManifest)'; $list }
            `$jobs = 1..2 | ForEach-Object { Start-ThreadJob { Import-Module '$(Get-TestManifest)'; $list } }
            `$jobs | Receive-Job -Wait -AutoRemoveJob
            Start-Job { Import-Module '$(Get-TestManifest)'; $list } | Receive-Job -Wait -AutoRemoveJob
"@ | Should -Be 7, 7, 7, 7, 7, 7, 7
    }

    It 'takes the place of a copy that was removed' {
        Copy-Item $folder "$TestDrive/copy" -Recurse
        Invoke-NewPwsh "$list; Remove-Module Virt; Import-Module '$TestDrive/copy/Virt.psd1'; $list" | Should -Be 7, 7
    }
}
