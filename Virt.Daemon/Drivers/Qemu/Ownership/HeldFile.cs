using System.Text.Json.Serialization;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>A file that is a guest's for the time of its run, and how it was before.</summary>
/// <param name="Holder">Which part of the guest has it: a device's alias.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file.</param>
/// <param name="User">Whose it was.</param>
/// <param name="Group">Its group.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="GuestUser">The guest's user.</param>
/// <param name="GuestGroup">The guest's group.</param>
/// <param name="Need">What the guest does with it.</param>
internal sealed record HeldFile(
    string Holder, string Path, ulong Device, ulong Inode, uint User, uint Group, int Mode, uint GuestUser, uint GuestGroup, FileNeed Need)
{
    /// <summary>Which file it is.</summary>
    [JsonIgnore]
    public FileKey Key => new(Device, Inode);

    /// <summary>How the file is to be while some have it.</summary>
    public static FileOwnerState Wanted(HeldFile any, IReadOnlyCollection<HeldFile> holders)
    {
        if (holders.FirstOrDefault(holder => holder.Need == FileNeed.Write) is { } writer)
            return new FileOwnerState(writer.GuestUser, writer.GuestGroup, any.Mode | 0x180);
        return holders.Count > 0
            ? new FileOwnerState(any.User, holders.First().GuestGroup, any.Mode | 0x20)
            : new FileOwnerState(any.User, any.Group, any.Mode);
    }
}

/// <summary>Which file: its file system and its number there.</summary>
internal readonly record struct FileKey(ulong Device, ulong Inode)
{
    public static FileKey Of(FileStatus status) => new(status.Device, status.Inode);
}

/// <summary>Whose a file is, and what others may.</summary>
internal readonly record struct FileOwnerState(uint User, uint Group, int Mode)
{
    public static FileOwnerState Of(FileStatus status) => new(status.User, status.Group, status.Mode);
}
