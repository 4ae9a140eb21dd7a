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
}
