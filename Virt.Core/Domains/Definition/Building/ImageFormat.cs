namespace Virt.Domains.Definition;

/// <summary>What the name of an image tells about its format.</summary>
public static class ImageFormat
{
    /// <summary>The format that the extension stands for; null when it stands for none.</summary>
    public static string? OfName(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".QCOW2" => "qcow2",
        ".VMDK" => "vmdk",
        ".VDI" => "vdi",
        ".VHDX" => "vhdx",
        ".RAW" or ".ISO" => "raw",
        _ => null,
    };
}
