@{
    RootModule        = 'Virt.OtherModule.dll'
    ModuleVersion     = '1.0.0'
    GUID              = 'f0f3a4a4-6c1d-4f0e-9a55-4be1c6a1d3a7'
    PowerShellVersion = '7.6'
    CmdletsToExport   = @('ConvertTo-OtherPack')
}
