using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>
/// The access control list of a file (acl(5)): what single users may beside its owner and group. The kernel has it as an attribute: a
/// version, then entries of a tag (16 bits), rights (16 bits) and a number (32 bits), in the order of the tags.
/// </summary>
internal static unsafe partial class FileAcl
{
    /// <summary>The errno of a file system that keeps no lists.</summary>
    public const int NotKept = 95;

    private const string Name = "system.posix_acl_access";
    private const int NoData = 61;
    private const int MaximumBytes = 64 << 10;
    private const int HeadSize = 4;
    private const int EntrySize = 8;
    private const uint Version = 2;
    private const uint NoNumber = uint.MaxValue;

    private const ushort OwnerTag = 1;
    private const ushort UserTag = 2;
    private const ushort GroupTag = 4;
    private const ushort MaskTag = 0x10;
    private const ushort OthersTag = 0x20;

    /// <summary>Reads it; null when the file has none. The descriptor may be one of the path only.</summary>
    public static string? Read(SafeHandle file)
    {
        byte* value = (byte*)NativeMemory.Alloc(MaximumBytes);
        try
        {
            nint length = Get(OpenCalls.PathOf(file), Name, value, MaximumBytes);
            return length > HeadSize ? Convert.ToBase64String(new ReadOnlySpan<byte>(value, (int)length)) : null;
        }
        finally
        {
            NativeMemory.Free(value);
        }
    }

    /// <summary>Sets it.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Write(SafeHandle file, string acl)
    {
        byte[] value = Convert.FromBase64String(acl);
        return Set(OpenCalls.PathOf(file), Name, value, (nuint)value.Length, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Removes it.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Remove(SafeHandle file) =>
        RemoveAttribute(OpenCalls.PathOf(file), Name) == 0 || Marshal.GetLastPInvokeError() is NoData or NotKept ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>A list by which some users may more than by another. Nobody else may more than before.</summary>
    /// <param name="acl">The other; null for what the permissions say.</param>
    /// <param name="mode">The permissions.</param>
    /// <param name="users">The users, each once, and what they may: the bits of one digit of the permissions.</param>
    public static string Grant(string? acl, int mode, IReadOnlyCollection<(uint User, int Rights)> users)
    {
        List<Entry> entries = acl is null
            ? [new(OwnerTag, mode >> 6 & 7, NoNumber), new(GroupTag, mode >> 3 & 7, NoNumber), new(OthersTag, mode & 7, NoNumber)]
            : Parse(Convert.FromBase64String(acl));
        int mask = entries.FirstOrDefault(entry => entry.Tag == MaskTag) is { Tag: MaskTag } masked ? masked.Rights : 7;
        // What the mask took from an entry so far, a wider one would give.
        Entry[] kept = [.. entries.Where(entry => entry.Tag != MaskTag).Select(entry => entry.Tag is OwnerTag or OthersTag ? entry : entry with { Rights = entry.Rights & mask })];
        var named = users.ToDictionary(user => user.User, user => user.Rights);
        IEnumerable<Entry> all = kept
            .Where(entry => entry.Tag != UserTag || !named.ContainsKey(entry.Number))
            .Concat(users.Select(user => new Entry(
                UserTag, user.Rights | kept.Where(entry => entry.Tag == UserTag && entry.Number == user.User).Sum(entry => entry.Rights), user.User)));
        int widest = all.Where(entry => entry.Tag is not (OwnerTag or OthersTag)).Aggregate(0, (rights, entry) => rights | entry.Rights);
        return Convert.ToBase64String(Format([.. all.Append(new Entry(MaskTag, widest, NoNumber)).OrderBy(entry => entry.Tag).ThenBy(entry => entry.Number)]));
    }

    private static List<Entry> Parse(ReadOnlySpan<byte> value)
    {
        var entries = new List<Entry>();
        for (value = value[Math.Min(HeadSize, value.Length)..]; value.Length >= EntrySize; value = value[EntrySize..])
        {
            entries.Add(new Entry(
                BinaryPrimitives.ReadUInt16LittleEndian(value), BinaryPrimitives.ReadUInt16LittleEndian(value[2..]),
                BinaryPrimitives.ReadUInt32LittleEndian(value[4..])));
        }

        return entries;
    }

    private static byte[] Format(Entry[] entries)
    {
        byte[] value = new byte[HeadSize + (entries.Length * EntrySize)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, Version);
        foreach ((int index, Entry entry) in entries.Index())
        {
            Span<byte> place = value.AsSpan(HeadSize + (index * EntrySize));
            BinaryPrimitives.WriteUInt16LittleEndian(place, entry.Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(place[2..], (ushort)entry.Rights);
            BinaryPrimitives.WriteUInt32LittleEndian(place[4..], entry.Number);
        }

        return value;
    }

    private readonly record struct Entry(ushort Tag, int Rights, uint Number);

    [LibraryImport(LibC.Name, EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Get(string path, string name, byte* value, nuint size);

    [LibraryImport(LibC.Name, EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string path, string name, byte[] value, nuint size, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "removexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveAttribute(string path, string name);
}
