namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// The firmware of a guest that does one thing: from the reset vector through protected mode into long mode, twenty million
/// turns of a loop there, then <see cref="Answer"/> to port 0xf4 (QEMU's isa-debug-exit). That takes a processor with working
/// virtualisation some milliseconds; where KVM only pretends, it fails or does not end.
/// </summary>
internal static class KvmProbeRom
{
    /// <summary>QEMU's exit code when the guest has got to its end: twice the byte it wrote, plus one.</summary>
    public const int Answer = (0x2a << 1) | 1;

    private const int Size = 65536;
    private const int CodeOffset = Size - 0x100;
    private const int ResetOffset = Size - 0x10;

    // cli; lgdt; cr0.pe; jmp 08:prot | ds=es=ss=10; one 2 MiB identity page at 1000..3fff; cr4.pae; cr3; efer.lme; cr0.pg;
    // jmp 18:long | mov ecx,20000000; loop; mov al,2a; out f4,al; hlt | null, code32, data, code64 descriptors; gdt pointer
    private const string Code =
        "fa2e660f0116a0ff0f20c00c010f22c066ea18ff0f00080066b810008ed88ec08ed0c7050010000003200000c7050020" +
        "000003300000c70500300000830000000f20e00c200f22e0b8001000000f22d8b9800000c00f3280cc010f300f20c00d" +
        "000000800f22c0ea6eff0f001800b9002d3101ffc975fcb02ae6f4f4ebfd66900000000000000000ffff0000009acf00" +
        "ffff00000092cf00ffff0000009aaf001f0080ff0f";

    // jmp to the code, 0xf0 bytes before
    private const string Reset = "e90dff";

    /// <summary>The image for <c>-bios</c>.</summary>
    public static byte[] Image()
    {
        var image = new byte[Size];
        Convert.FromHexString(Code).CopyTo(image, CodeOffset);
        Convert.FromHexString(Reset).CopyTo(image, ResetOffset);
        return image;
    }
}
