@{
    RootModule           = 'Virt.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0b6f0e-55f6-4a27-9d5c-6f3a1f0c7a52'
    Author               = 'The Virt authors'
    CompanyName          = 'The Virt authors'
    Copyright            = '(c) The Virt authors. MIT licence.'
    Description          = 'QEMU/KVM virtual machines managed from PowerShell.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('Virt.format.ps1xml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Add-VirtDevice'
        'Add-VirtDisk'
        'Add-VirtNic'
        'Connect-VirtHost'
        'Disconnect-VirtHost'
        'Edit-VirtXml'
        'Enter-VirtConsole'
        'Export-VirtDomain'
        'Get-VirtCapability'
        'Get-VirtConsole'
        'Get-VirtDevice'
        'Get-VirtDisk'
        'Get-VirtDomain'
        'Get-VirtHost'
        'Get-VirtNic'
        'Get-VirtSecret'
        'Get-VirtXml'
        'Import-VirtDomain'
        'Measure-VirtDomain'
        'New-VirtDiskSpec'
        'New-VirtDomain'
        'New-VirtNicSpec'
        'New-VirtSecret'
        'Register-VirtEvent'
        'Remove-VirtDevice'
        'Remove-VirtDisk'
        'Remove-VirtDomain'
        'Remove-VirtNic'
        'Remove-VirtSecret'
        'Rename-VirtDomain'
        'Restart-VirtDomain'
        'Resume-VirtDomain'
        'Set-VirtDevice'
        'Set-VirtDisk'
        'Set-VirtDomain'
        'Set-VirtNic'
        'Set-VirtSecret'
        'Start-VirtDomain'
        'Stop-VirtDomain'
        'Suspend-VirtDomain'
        'Test-VirtHost'
        'Wait-VirtDomain'
    )
    PrivateData          = @{
        PSData = @{
            Tags = @('Virtualization', 'QEMU', 'KVM', 'libvirt', 'VM', 'Hypervisor', 'Windows', 'Linux', 'MacOS', 'PSEdition_Core')
        }
    }
}
