using System.Runtime.InteropServices;
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
    private const int OwnerOnly = 0x180;
    private const int GroupRead = 0x20;

    /// <summary>Its access control list; null when it had none.</summary>
    public string? Acl { get; init; }

    /// <summary>Which file it is.</summary>
    [JsonIgnore]
    public FileKey Key => new(Device, Inode);

    /// <summary>
    /// How the file is to be while some have it: who alone writes it owns it, and nobody else may anything but those who have it too. They,
    /// and all where it has no such owner, are let by its access control list.
    /// </summary>
    public static FileOwnerState Wanted(HeldFile any, IReadOnlyCollection<HeldFile> holders)
    {
        HeldFile? writer = holders.FirstOrDefault(holder => holder.Need == FileNeed.Write);
        FileOwnerState state = writer is null
            ? new FileOwnerState(any.User, any.Group, any.Mode, any.Acl)
            : new FileOwnerState(writer.GuestUser, writer.GuestGroup, OwnerOnly, null);
        (uint User, int Rights)[] let =
        [
            .. holders.Where(holder => holder.GuestUser != writer?.GuestUser).GroupBy(holder => holder.GuestUser)
                .Select(user => (user.Key, user.All(holder => holder.Need == FileNeed.Read) ? UserRights.Read : UserRights.Read | UserRights.Write)),
        ];
        return let.Length == 0 ? state : state with { Acl = FileAcl.Grant(state.Acl, state.Mode, let) };
    }

    /// <summary>The same on a file system without access control lists; null when the file cannot be of as many users as have it.</summary>
    public static FileOwnerState? WantedWithoutList(HeldFile any, IReadOnlyCollection<HeldFile> holders)
    {
        HeldFile? first = holders.MaxBy(holder => holder.Need);
        if (first is null)
            return new FileOwnerState(any.User, any.Group, any.Mode, null);
        if (holders.Any(holder => holder.GuestUser != first.GuestUser))
            return null;
        return first.Need == FileNeed.Read
            ? new FileOwnerState(any.User, first.GuestGroup, any.Mode | GroupRead, null)
            : new FileOwnerState(first.GuestUser, first.GuestGroup, OwnerOnly, null);
    }

    /// <summary>Whether a file is as it can be while some have it: whoever changed its owner otherwise wants it so.</summary>
    public static bool IsKnown(FileOwnerState now, IReadOnlyCollection<HeldFile> holders) =>
        holders.Any(holder => now.User == holder.User || now.User == holder.GuestUser)
        && holders.Any(holder => now.Group == holder.Group || now.Group == holder.GuestGroup);
}

/// <summary>Which file: its file system and its number there.</summary>
internal readonly record struct FileKey(ulong Device, ulong Inode)
{
    public static FileKey Of(FileStatus status) => new(status.Device, status.Inode);
}

/// <summary>Whose a file is, and what others may.</summary>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
/// <param name="Mode">Its permissions; with a list they follow from that.</param>
/// <param name="Acl">Its access control list; null for none.</param>
internal readonly record struct FileOwnerState(uint User, uint Group, int Mode, string? Acl)
{
    /// <summary>How a file is.</summary>
    public static FileOwnerState Of(SafeHandle file) => FileStatus.Of(file) is var status
        ? new FileOwnerState(status.User, status.Group, status.Mode, FileAcl.Read(file))
        : default;

    /// <summary>Brings a file into this state. The owner is last: should it not come to that, the file is still known for one of ours.</summary>
    /// <returns>0, or the errno.</returns>
    public int Set(SafeHandle file)
    {
        int error = SetRights(file);
        if (error != 0 || (FileStatus.Of(file) is var now && (now.User, now.Group) == (User, Group)))
            return error;
        error = FileOwner.Set(file, User, Group);
        // As long as it was the owner's, a process of its could change the rights again.
        return error != 0 ? error : SetRights(file);
    }

    private int SetRights(SafeHandle file)
    {
        string? acl = FileAcl.Read(file);
        if (Acl is not null)
            return acl == Acl ? 0 : FileAcl.Write(file, Acl);
        int error = acl is null ? 0 : FileAcl.Remove(file);
        if (error == 0 && FileStatus.Of(file).Mode != Mode)
            FileOwner.SetMode(file, (UnixFileMode)Mode);
        return error;
    }
}
