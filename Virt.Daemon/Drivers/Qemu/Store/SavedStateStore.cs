using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// Managed saves, in a folder that only the daemon reaches: <c>NAME.save</c>, which tells what was saved and counts once it is there,
/// and <c>NAME.mem</c>, the stream that QEMU has written to a descriptor.
/// </summary>
internal sealed class SavedStateStore(QemuFolders folders)
{
    private const string Extension = ".save";
    private const string ImageExtension = ".mem";
    private const int MaximumState = 4 * SafeXml.MaximumCharacters;

    /// <summary>Whether a domain has one.</summary>
    public bool Exists(string name) => HostFile.Exists(PathOf(name));

    /// <summary>Removes what saves and removals that were cut short have left.</summary>
    /// <param name="isRunning">Whether a domain runs, whose save may go on.</param>
    public void Clean(Predicate<string> isRunning)
    {
        foreach (string path in Folders.List(folders.SavedStates))
        {
            string file = Path.GetFileName(path);
            bool isRubbish = file.EndsWith(DurableFile.TemporaryExtension, StringComparison.Ordinal)
                || (file.EndsWith(ImageExtension, StringComparison.Ordinal) && !HostFile.Exists(Path.ChangeExtension(path, Extension)));
            if (isRubbish && !isRunning(NameOf(file)))
                DurableFile.TryDelete(path);
        }
    }

    /// <summary>Notes what is about to be saved and makes the file for QEMU's stream, which can only be written by what is returned;
    /// the save counts once <see cref="Complete"/> has been called.</summary>
    public SafeFileHandle Create(string name, SavedState state) => Guard(name, () =>
    {
        DurableFile.WriteVolatile(PartialOf(name), state.ToJson());
        using HostFolder folder = HostFolder.Open(folders.SavedStates);
        folder.Delete(name + ImageExtension);
        return folder.CreateForWriting(name + ImageExtension);
    });

    /// <summary>Begins to hash an image that is made or being written.</summary>
    public ImageHash Hash(string name) => Guard(name, () => new ImageHash(HostFile.OpenRead(ImageOf(name))));

    /// <summary>Makes what was saved durable and valid: from here on the image must stay as it is.</summary>
    /// <param name="name">The domain's name.</param>
    /// <param name="hash">The image's hash, as far as it was taken.</param>
    public void Complete(string name, ImageHash hash) => Guard(name, () =>
    {
        SavedState state = OpenPartial(name);
        using (SafeFileHandle image = HostFile.OpenWrite(ImageOf(name)))
        {
            HostFile.Flush(image, ImageOf(name));
            DurableFile.Write(PathOf(name), (state with { Image = SavedImage.Of(image, hash) }).ToJson());
        }

        DurableFile.TryDelete(PartialOf(name));
        return true;
    });

    /// <summary>What a save was begun with.</summary>
    public SavedState OpenPartial(string name) => Guard(name, () => SavedState.Parse(HostFile.Read(PartialOf(name), MaximumState), PartialOf(name)));

    /// <summary>Gives up a save.</summary>
    public void Abandon(string name)
    {
        HostFile.Delete(PartialOf(name));
        if (!Exists(name))
            HostFile.Delete(ImageOf(name));
    }

    /// <summary>Opens a managed save to restore from; the descriptor stands at QEMU's stream and can only be read.</summary>
    /// <param name="name">The domain's name.</param>
    /// <param name="stored">The domain's stored definition.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/>: it is none, is another domain's, or its image was changed.</exception>
    public (SavedState State, SafeFileHandle Image) Open(string name, StoredDefinition stored) => Guard(name, () =>
    {
        SafeFileHandle file = HostFile.OpenRead(PathOf(name));
        try
        {
            if (OlderSave.Is(file))
                return (OlderSave.Open(file, PathOf(name), stored), file);
            SavedState state = SavedState.Parse(HostFile.Read(file, PathOf(name), MaximumState), PathOf(name));
            state.DemandOf(stored.Uuid, PathOf(name));
            file.Dispose();
            file = HostFile.OpenRead(ImageOf(name));
            return state.Image?.Matches(file) == true ? (state, file) : throw Changed(name);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>Where a domain's managed save is.</summary>
    public string PathOf(string name) => In(name, Extension);

    /// <summary>Where its memory image is.</summary>
    public string ImageOf(string name) => In(name, ImageExtension);

    /// <summary>Removes a managed save, durably.</summary>
    public void Delete(string name)
    {
        if (Exists(name))
            DurableFile.Delete(PathOf(name));
        DurableFile.TryDelete(ImageOf(name));
    }

    private static string NameOf(string file) => file.EndsWith(ImageExtension, StringComparison.Ordinal)
        ? file[..^ImageExtension.Length]
        : file.LastIndexOf(Extension + ".", StringComparison.Ordinal) is >= 0 and var end ? file[..end] : file;

    private string PartialOf(string name) => PathOf(name) + DurableFile.TemporaryExtension;

    private string In(string name, string extension)
    {
        DomainName.Check(name);
        return Path.Combine(folders.SavedStates, name + extension);
    }

    private VirtException Changed(string name) => new(
        VirtErrorCode.OperationFailed, $"the memory image '{ImageOf(name)}' of '{name}' is not as it was when the guest was saved, as '{PathOf(name)}' tells", name,
        "Put the image back from a backup, or start the domain afresh with Start-VirtDomain -ForceBoot, which drops the saved state.");

    private static T Guard<T>(string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the saved state of '{name}' cannot be written or read: {failed.Message}", name,
                "Look at the space and the permissions there.", failed);
        }
    }
}
