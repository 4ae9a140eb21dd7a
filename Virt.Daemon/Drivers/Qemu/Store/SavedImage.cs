using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// Which memory image a saved state goes with. QEMU has written it and may hold a descriptor still, so that only what is noted here
/// tells whether it is as it was.
/// </summary>
/// <param name="Device">The file system it was on.</param>
/// <param name="Inode">Its number there.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Modified">When its content was last changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When anything of it was last changed.</param>
/// <param name="Sha256">The hash of its content.</param>
internal sealed record SavedImage(ulong Device, ulong Inode, long Size, long Modified, long Changed, string Sha256)
{
    /// <summary>Notes an image that is complete.</summary>
    /// <param name="file">The image.</param>
    /// <param name="hash">Its hash, as far as it was taken.</param>
    public static SavedImage Of(SafeFileHandle file, ImageHash hash)
    {
        // What is written while it is hashed has a later time than this.
        FileStatus status = FileStatus.Of(file);
        return new SavedImage(status.Device, status.Inode, status.Size, status.Modified, status.Changed, hash.Finish());
    }

    /// <summary>Whether a file is that image, unchanged. One that was copied or put back from a backup is read whole to find out.</summary>
    public bool Matches(SafeFileHandle file)
    {
        FileStatus now = FileStatus.Of(file);
        if ((now.Device, now.Inode, now.Size, now.Modified, now.Changed) == (Device, Inode, Size, Modified, Changed))
            return true;
        if (now.Size != Size)
            return false;
        using var hash = new ImageHash(HostFile.Reopen(file, OpenCalls.ReadOnly, "the memory image"));
        return hash.Finish() == Sha256;
    }
}
