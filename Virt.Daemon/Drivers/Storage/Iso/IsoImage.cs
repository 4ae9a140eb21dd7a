namespace Virt.Daemon.Drivers.Storage.Iso;

/// <summary>
/// Makes small ISO 9660 images (ECMA-119) of some files in one folder, with Rock Ridge and Joliet names. No package that does it is
/// to be had where the daemon's packages come from, and a seed needs no more than this.
/// </summary>
internal static class IsoImage
{
    /// <summary>The size of a sector, in bytes.</summary>
    public const int SectorSize = 2048;

    private const int FirstDescriptor = 16;
    private const int PathTable = 19;
    private const int JolietPathTable = 21;
    private const int Root = 23;
    private const int JolietRoot = 24;
    private const int FirstFile = 25;
    private const int PathTableLength = 10;
    private static readonly byte[] StandardIdentifier = [.. "CD001"u8];

    /// <summary>Makes an image.</summary>
    /// <param name="label">The volume's name: up to 16 characters.</param>
    /// <param name="files">The files, with ASCII names of up to 64 characters.</param>
    /// <param name="time">The time of all files.</param>
    public static byte[] Write(string label, IReadOnlyList<IsoFile> files, DateTime time)
    {
        var placed = new List<(IsoFile File, int Sector)>();
        int sectors = FirstFile;
        foreach (IsoFile file in files)
        {
            placed.Add((file, sectors));
            sectors += (file.Content.Length + SectorSize - 1) / SectorSize;
        }

        var image = new byte[sectors * SectorSize];
        Put(image, FirstDescriptor, Descriptor(label, sectors, joliet: false, time));
        Put(image, FirstDescriptor + 1, Descriptor(label, sectors, joliet: true, time));
        Put(image, FirstDescriptor + 2, [255, .. StandardIdentifier, 1]);
        Put(image, PathTable, Paths(Root, little: true));
        Put(image, PathTable + 1, Paths(Root, little: false));
        Put(image, JolietPathTable, Paths(JolietRoot, little: true));
        Put(image, JolietPathTable + 1, Paths(JolietRoot, little: false));
        Put(image, Root, IsoDirectory.Write(placed, Root, joliet: false, time));
        Put(image, JolietRoot, IsoDirectory.Write(placed, JolietRoot, joliet: true, time));
        foreach ((IsoFile file, int sector) in placed)
            Put(image, sector, file.Content);
        return image;
    }

    /// <summary>The volume's name of an image; null when the bytes are not the begin of one.</summary>
    public static string? ReadLabel(ReadOnlySpan<byte> image)
    {
        if (image.Length < (FirstDescriptor + 1) * SectorSize)
            return null;
        ReadOnlySpan<byte> descriptor = image.Slice(FirstDescriptor * SectorSize, SectorSize);
        return descriptor[0] == 1 && descriptor.Slice(1, 5).SequenceEqual(StandardIdentifier)
            ? System.Text.Encoding.ASCII.GetString(descriptor.Slice(40, 32)).TrimEnd()
            : null;
    }

    private static void Put(byte[] image, int sector, ReadOnlySpan<byte> content) => content.CopyTo(image.AsSpan(sector * SectorSize));

    private static ReadOnlySpan<byte> Paths(int root, bool little)
    {
        var buffer = new IsoBuffer(PathTableLength);
        buffer.Byte(1);
        buffer.Byte(0);
        if (little)
            buffer.Little32(root);
        else
            buffer.Big32(root);
        buffer.Raw(little ? [1, 0] : [0, 1]);
        return buffer.Bytes;
    }

    // Primary (8.4) and supplementary (8.5) volume descriptors have the same fields at the same places.
    private static ReadOnlySpan<byte> Descriptor(string label, int sectors, bool joliet, DateTime time)
    {
        var buffer = new IsoBuffer(SectorSize);
        buffer.Byte(joliet ? 2 : 1);
        buffer.Raw(StandardIdentifier);
        buffer.Byte(1);
        buffer.Byte(0);
        buffer.Text("LINUX", 32, joliet);
        buffer.Text(label, 32, joliet);
        buffer.Position += 8;
        buffer.Both32(sectors);
        buffer.Raw(joliet ? "%/E"u8 : default);
        buffer.Position = 120;
        buffer.Both16(1);
        buffer.Both16(1);
        buffer.Both16(SectorSize);
        buffer.Both32(PathTableLength);
        buffer.Little32(joliet ? JolietPathTable : PathTable);
        buffer.Little32(0);
        buffer.Big32((joliet ? JolietPathTable : PathTable) + 1);
        buffer.Big32(0);
        IsoDirectory.RootRecord(buffer, joliet ? JolietRoot : Root, time);
        foreach (int length in (ReadOnlySpan<int>)[128, 128, 128, 128, 37, 37, 37])
            buffer.Text("", length, joliet);
        buffer.LongTime(time);
        buffer.LongTime(time);
        buffer.LongTime(null);
        buffer.LongTime(null);
        buffer.Byte(1);
        return buffer.Bytes;
    }
}
