using Microsoft.Win32.SafeHandles;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>The variables of a UEFI guest. They are made from the firmware's template at the first start, and stay.</summary>
internal sealed class NvramFile(string path, bool isBlock, string? template, string image) : IHostResource
{
    private const int MaximumBytes = 64 << 20;

    /// <summary>Whether the next start makes them anew.</summary>
    public bool Renew { get; set; }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if (!Renew && (isBlock || HostFile.TryLook(path, LinkRule.Reported) is not null))
            return default;
        if (template is null)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"there is no template for the variables of the firmware '{image}'", host.Name,
                $"Name one: <nvram template='...'>, or put the variables at '{path}'.");
        }

        try
        {
            Copy();
            return default;
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

    private void Copy()
    {
        byte[] variables = HostFile.Read(template!, MaximumBytes);
        if (isBlock)
        {
            using SafeFileHandle device = HostFile.OpenBlockDevice(path);
            RandomAccess.Write(device, variables, 0);
            HostFile.Flush(device, path);
            return;
        }

        // Whole or not at all: a guest must not find half of its variables.
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        string part = name + ".part";
        folder.Delete(part);
        using (SafeFileHandle made = folder.Create(part))
        {
            RandomAccess.Write(made, variables, 0);
            HostFile.Flush(made, path);
        }

        folder.Rename(part, folder, name);
        folder.Flush();
    }
}
