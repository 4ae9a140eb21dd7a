using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// The head of a saved guest: 16 bytes of magic, then big-endian u32 format, flags and length of the XML, the live definition
/// as UTF-8, and zeros up to a multiple of 4096; QEMU's migration stream follows.
/// </summary>
/// <param name="Paused">Whether the guest was paused when it was saved.</param>
/// <param name="Xml">The definition of the run that was saved.</param>
internal sealed record SavedState(bool Paused, string Xml)
{
    private const int FixedLength = 28;
    private const int Alignment = 4096;
    private const uint Format = 1;
    private const uint PausedFlag = 1;
    private const int MaximumXml = 32 * 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "VirtSavedGuest\r\n"u8;

    /// <summary>Writes the head and leaves the descriptor's offset behind it.</summary>
    public void Write(SafeFileHandle file)
    {
        byte[] xml = Encoding.UTF8.GetBytes(Xml);
        byte[] head = new byte[Align(FixedLength + xml.Length)];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(16), Format);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(20), Paused ? PausedFlag : 0);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(24), (uint)xml.Length);
        xml.CopyTo(head, FixedLength);
        RandomAccess.Write(file, head, 0);
        FileOffset.Set(file, head.Length);
    }

    /// <summary>Reads and checks the head and leaves the descriptor's offset behind it.</summary>
    public static SavedState Read(SafeFileHandle file, string path)
    {
        Span<byte> head = stackalloc byte[FixedLength];
        if (!Fill(file, head, 0) || !head[..16].SequenceEqual(Magic))
            throw Damaged(path, "it does not begin as one");
        uint format = BinaryPrimitives.ReadUInt32BigEndian(head[16..]);
        if (format != Format)
            throw Damaged(path, $"its format {format} is not known");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head[24..]);
        if (length > MaximumXml)
            throw Damaged(path, "its definition is too long");
        byte[] xml = new byte[length];
        if (!Fill(file, xml, FixedLength))
            throw Damaged(path, "it ends within its head");
        FileOffset.Set(file, Align(FixedLength + xml.Length));
        bool paused = (BinaryPrimitives.ReadUInt32BigEndian(head[20..]) & PausedFlag) != 0;
        return new SavedState(paused, Encoding.UTF8.GetString(xml));
    }

    /// <summary>The definition, checked as any other.</summary>
    public DomainDefinition Parse() => DomainDefinition.Parse(Xml);

    /// <summary>Checks that it is of a domain.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when it is another's, or makes no sense.</exception>
    public void DemandOf(Guid uuid, string path)
    {
        try
        {
            if (Parse() is var definition && definition.Uuid != uuid)
                throw Damaged(path, $"it is of domain '{definition.Name}' with the uuid {definition.Uuid:D}");
        }
        catch (VirtException fault) when (fault.Code != VirtErrorCode.OperationFailed)
        {
            throw Damaged(path, fault.Message);
        }
    }

    private static int Align(int length) => (length + Alignment - 1) / Alignment * Alignment;

    private static bool Fill(SafeFileHandle file, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            int count = RandomAccess.Read(file, target, offset);
            if (count == 0)
                return false;
            target = target[count..];
            offset += count;
        }

        return true;
    }

    private static VirtException Damaged(string path, string why) => new(
        VirtErrorCode.OperationFailed, $"'{path}' is not a saved guest: {why}",
        recommendedAction: "Start the domain afresh with Start-VirtDomain -ForceBoot, which drops the saved state.");
}
