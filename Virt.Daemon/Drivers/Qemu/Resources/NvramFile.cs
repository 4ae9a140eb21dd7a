using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>The variables of a UEFI guest. They are made from the firmware's template at the first start, and stay.</summary>
internal sealed class NvramFile(string path, bool isBlock, string? template, string image) : IHostResource
{
    /// <summary>Whether the next start makes them anew.</summary>
    public bool Renew { get; set; }

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if (!Renew && (isBlock || File.Exists(path)))
            return;
        if (template is null)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"there is no template for the variables of the firmware '{image}'", host.Name,
                $"Name one: <nvram template='...'>, or put the variables at '{path}'.");
        }

        try
        {
            await CopyAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw VirtException.Create(
                VirtErrorCode.SystemError, $"the UEFI variables '{path}' of domain '{host.Name}' cannot be made from '{template}': {failed.Message}",
                host.Name, "The template must be readable, and the folder must exist with room in it.", failed);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host) => default;

    private async Task CopyAsync(CancellationToken cancel)
    {
        using FileStream source = File.OpenRead(template!);
        if (isBlock)
        {
            using FileStream device = new(path, FileMode.Open, FileAccess.Write);
            await source.CopyToAsync(device, cancel).ConfigureAwait(false);
            device.Flush(flushToDisk: true);
            return;
        }

        // Whole or not at all: a guest must not find half of its variables.
        string part = path + ".part";
        File.Delete(part);
        var create = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (FileStream made = new(part, create))
        {
            await source.CopyToAsync(made, cancel).ConfigureAwait(false);
            made.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
        Folders.Flush(Path.GetDirectoryName(path)!);
    }
}
