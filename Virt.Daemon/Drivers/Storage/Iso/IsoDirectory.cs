using System.Text;

namespace Virt.Daemon.Drivers.Storage.Iso;

/// <summary>
/// Writes the root folder (ECMA-119, 9.1). The plain one has Rock Ridge's entries (IEEE P1282: SP, ER, PX, NM), so that Unix sees
/// names and modes; Joliet's has long names by itself.
/// </summary>
internal static class IsoDirectory
{
    private const int FixedLength = 33;
    private const int FolderFlag = 2;
    private const int FolderMode = 0x416d;
    private const int FileMode = 0x8124;

    /// <summary>The folder's sector.</summary>
    public static ReadOnlySpan<byte> Write(IEnumerable<(IsoFile File, int Sector)> files, int ownSector, bool joliet, DateTime time)
    {
        var buffer = new IsoBuffer(IsoImage.SectorSize);
        Record(buffer, [0], ownSector, IsoImage.SectorSize, FolderFlag, time, joliet ? [] : [.. Start(), .. Extension(), .. Mode(FolderMode, 2)]);
        Record(buffer, [1], ownSector, IsoImage.SectorSize, FolderFlag, time, joliet ? [] : Mode(FolderMode, 2));
        foreach ((IsoFile file, int sector) in files.OrderBy(entry => joliet ? entry.File.Name : entry.File.ShortName, StringComparer.Ordinal))
        {
            Record(
                buffer, file.Identifier(joliet), sector, file.Content.Length, 0, time,
                joliet ? [] : [.. Mode(FileMode, 1), .. Name(file.Name)]);
        }

        return buffer.Bytes;
    }

    /// <summary>The record of the root folder that a volume descriptor holds.</summary>
    public static void RootRecord(IsoBuffer buffer, int sector, DateTime time) =>
        Record(buffer, [0], sector, IsoImage.SectorSize, FolderFlag, time, []);

    private static void Record(
        IsoBuffer buffer, byte[] identifier, int sector, int size, int flags, DateTime time, ReadOnlySpan<byte> systemUse)
    {
        int named = FixedLength + identifier.Length + ((identifier.Length + 1) % 2);
        int length = named + systemUse.Length + (systemUse.Length % 2);
        int start = buffer.Position;
        buffer.Byte(length);
        buffer.Byte(0);
        buffer.Both32(sector);
        buffer.Both32(size);
        buffer.ShortTime(time);
        buffer.Byte(flags);
        buffer.Byte(0);
        buffer.Byte(0);
        buffer.Both16(1);
        buffer.Byte(identifier.Length);
        buffer.Raw(identifier);
        buffer.Position = start + named;
        buffer.Raw(systemUse);
        buffer.Position = start + length;
    }

    private static byte[] Start() => [.. "SP"u8, 7, 1, 0xbe, 0xef, 0];

    private static byte[] Extension() => [.. "ER"u8, 18, 1, 10, 0, 0, 1, .. "RRIP_1991A"u8];

    private static byte[] Mode(int mode, int links)
    {
        var entry = new IsoBuffer(36);
        entry.Raw("PX"u8);
        entry.Byte(36);
        entry.Byte(1);
        entry.Both32(mode);
        entry.Both32(links);
        entry.Both32(0);
        entry.Both32(0);
        return entry.Bytes.ToArray();
    }

    private static byte[] Name(string name) => [.. "NM"u8, (byte)(5 + name.Length), 1, 0, .. Encoding.ASCII.GetBytes(name)];
}
