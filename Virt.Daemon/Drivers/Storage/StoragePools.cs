using System.Security.Cryptography;
using System.Text;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>The storage pools: one, <c>default</c>, which is the images folder.</summary>
internal sealed class StoragePools(ImageStore images)
{
    private const string Default = "default";

    /// <summary>The pools.</summary>
    public IReadOnlyList<StoragePoolRecord> List()
    {
        var drive = new DriveInfo(images.Folder);
        return
        [
            new StoragePoolRecord(
                Default, Identity(), "dir", Active: true, Persistent: true, Autostart: true, drive.TotalSize,
                drive.TotalSize - drive.AvailableFreeSpace, images.Folder),
        ];
    }

    /// <summary>The path of a volume.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoStoragePool"/>, <see cref="VirtErrorCode.NoStorageVolume"/>.</exception>
    public string Find(string pool, string volume)
    {
        if (pool != Default)
        {
            throw VirtException.Create(
                VirtErrorCode.NoStoragePool, $"there is no storage pool '{pool}'", pool, $"The pool is '{Default}'; an image elsewhere is a disk of type 'file' with its path.");
        }

        string path = volume.StartsWith('/') ? "" : ImagePath.Resolve(volume, images.Folder);
        return path.Length > 0 && HostFile.Exists(path) ? path : throw VirtException.Create(
            VirtErrorCode.NoStorageVolume, $"the storage pool '{pool}' has no volume '{volume}'", volume, $"Its folder is {images.Folder}.");
    }

    // The same folder is the same pool, on every start of the daemon.
    private Guid Identity()
    {
        Span<byte> hash = SHA256.HashData(Encoding.UTF8.GetBytes(images.Folder)).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
