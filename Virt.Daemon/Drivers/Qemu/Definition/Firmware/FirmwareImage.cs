namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>The firmware a guest starts with.</summary>
/// <param name="Type"><c>pflash</c> or <c>rom</c>.</param>
/// <param name="Path">The image; null for the machine's own BIOS.</param>
/// <param name="ReadOnly">Whether the guest cannot write it.</param>
/// <param name="Secure">Whether only SMM may write flash.</param>
/// <param name="Template">What the variables are made from; null when that is not known, or there are none.</param>
internal sealed record FirmwareImage(string Type, string? Path, bool ReadOnly, bool Secure, string? Template)
{
    /// <summary>What BIOS guests have: QEMU brings it along.</summary>
    public static FirmwareImage Machine { get; } = new("rom", null, true, false, null);
}
