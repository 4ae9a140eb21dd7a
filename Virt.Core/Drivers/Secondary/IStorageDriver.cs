using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Storage;

namespace Virt.Drivers;

/// <summary>The contract of a storage driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version, Subject = "image")]
public interface IStorageDriver : IAsyncDisposable
{
    /// <summary>All storage pools, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListStoragePools, Access.Read)]
    ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel);

    /// <summary>Reads what an image is, with its backing chain: any file of the host, so more than <see cref="Access.Read"/>. One that is missing is <see
    /// cref="VirtErrorCode.NoStorageVolume"/>.</summary>
    [Procedure(RemoteProcedure.GetImage, Access.Storage)]
    ValueTask<ImageRecord> GetImageAsync(string path, CancellationToken cancel);

    /// <summary>Makes an image. A file that is there is never overwritten: <see cref="VirtErrorCode.StorageVolumeExists"/>.</summary>
    [Procedure(RemoteProcedure.CreateImage, Access.Storage)]
    ValueTask<ImageRecord> CreateImageAsync(ImageRequest request, CancellationToken cancel);

    /// <summary>Deletes an image in the images folder; one that a domain uses, or another image is based on, is refused.</summary>
    [Procedure(RemoteProcedure.DeleteImage, Access.Storage)]
    ValueTask DeleteImageAsync(string path, CancellationToken cancel);

    /// <summary>Makes the seed image of cloud-init's NoCloud data source, in the place of an older one with the same name.</summary>
    [Procedure(RemoteProcedure.CreateCloudInitSeed, Access.Storage)]
    ValueTask<ImageRecord> CreateCloudInitSeedAsync(CloudInitSeed seed, CancellationToken cancel);
}
