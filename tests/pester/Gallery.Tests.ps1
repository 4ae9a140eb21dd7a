# The module as a gallery gets it, and as it comes from there. Repositories and modules of the user are left alone.
BeforeAll {
    Import-Module $PSScriptRoot/VirtTest.psm1 -Force
    $folder = Split-Path (Get-TestManifest)
    $version = (Import-PowerShellDataFile (Get-TestManifest)).ModuleVersion
    $build = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'tools/Virt.Build/bin/Release/net10.0/Virt.Build.dll'

    function New-Manifest {
        param([string] $Gallery)
        Set-Content "$TestDrive/gallery.json" $Gallery
        $problem = dotnet $build manifest "$TestDrive/gallery.json" "$TestDrive/Virt.psd1" 2>&1
        if ($LASTEXITCODE -ne 0) { throw "$problem" }
        Import-PowerShellDataFile "$TestDrive/Virt.psd1"
    }
}

Describe 'The module in a gallery' {
    BeforeAll {
        $saved = @{}
        foreach ($name in 'HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'PSModulePath') { $saved[$name] = [Environment]::GetEnvironmentVariable($name) }
        $env:HOME = (New-Item -ItemType Directory "$TestDrive/home").FullName
        $env:XDG_DATA_HOME = "$env:HOME/.local/share"
        $env:XDG_CONFIG_HOME = "$env:HOME/.config"
        $env:XDG_CACHE_HOME = "$env:HOME/.cache"
        # A folder of settings that is not there counts as none, and repositories would be kept in the current folder.
        $null = New-Item -ItemType Directory $env:XDG_DATA_HOME, $env:XDG_CONFIG_HOME, $env:XDG_CACHE_HOME
        $env:PSModulePath = $null
        $null = New-Item -ItemType Directory "$TestDrive/packed", "$TestDrive/gallery"
        $register = "Register-PSResourceRepository Test -Uri '$TestDrive/gallery' -Trusted -Force"
    }
    AfterAll {
        foreach ($name in $saved.Keys) { [Environment]::SetEnvironmentVariable($name, $saved[$name]) }
    }

    It 'is packed' {
        Invoke-NewPwsh -Import '' "Compress-PSResource '$folder' '$TestDrive/packed'"
        Join-Path $TestDrive "packed/Virt.$version.nupkg" | Should -Exist
    }

    It 'is published, and comes from there by its name' {
        Invoke-NewPwsh -Import '' "$register; Publish-PSResource -Path '$folder' -Repository Test"
        $found = Invoke-NewPwsh -Import '' "$register; Find-PSResource Virt -Repository Test | ForEach-Object { `$_.Name; `$_.Version.ToString(); `$_.Tags }"
        $found[0, 1] | Should -Be Virt, $version
        $found | Should -Contain PSEdition_Core
        $lines = Invoke-NewPwsh -Import '' @"
            $register
            Install-PSResource Virt -Repository Test -TrustRepository
            Import-Module Virt
            (Get-Module Virt).Version.ToString()
            (Get-Module Virt).ModuleBase
            (Get-VirtDomain -All -VirtHost (Connect-VirtHost test:///default)).Count
            (Get-Help Get-VirtDomain).Synopsis
"@
        $lines[0] | Should -Be $version
        $lines[1] | Should -BeLike "$env:HOME/*/Virt/$version"
        $lines[2] | Should -Be 7
        $lines[3] | Should -Not -BeLike 'Get-VirtDomain *'
    }
}

Describe 'What a gallery is told' {
    It 'is left out where nothing is said' {
        $manifest = New-Manifest '{ "projectUri": "" }'
        $manifest.ContainsKey('HelpInfoUri') | Should -BeFalse
        $manifest.PrivateData.PSData.Keys | Should -Be 'Tags'
        $manifest.PrivateData.PSData.Tags | Should -Contain Windows
        $manifest.PrivateData.PSData.Tags | Should -Contain Linux
        $manifest.PrivateData.PSData.Tags | Should -Contain MacOS
        $manifest.PrivateData.PSData.Tags | Should -Contain PSEdition_Core
    }

    It 'is in the manifest where it is said' {
        $manifest = New-Manifest @'
            {
                // The one place.
                "licenseUri": "https://example.org/licence", "projectUri": "https://example.org/",
                "helpInfoUri": "https://example.org/help/", "releaseNotes": "It's new."
            }
'@
        $manifest.HelpInfoUri | Should -Be 'https://example.org/help/'
        $manifest.PrivateData.PSData.LicenseUri | Should -Be 'https://example.org/licence'
        $manifest.PrivateData.PSData.ProjectUri | Should -Be 'https://example.org/'
        $manifest.PrivateData.PSData.ReleaseNotes | Should -Be "It's new."
        $manifest.CmdletsToExport | Should -Be (Import-PowerShellDataFile (Get-TestManifest)).CmdletsToExport
    }

    It 'is refused where it is <Case>' -ForEach @(
        @{ Case = 'no address'; Text = '{ "projectUri": "example.org" }'; Says = "*'example.org' is no address*" }
        @{ Case = 'not known'; Text = '{ "projectUrl": "https://example.org" }'; Says = '*projectUrl*' }
    ) {
        { New-Manifest $Text } | Should -Throw $Says
    }
}

Describe 'Help online' {
    It 'is said not to be there where the page of a command has no address' {
        Import-TestModule
        { Get-Help Get-VirtDomain -Online -ErrorAction Stop } | Should -Throw '*Internet address (URI)*is not specified*'
    }
}
