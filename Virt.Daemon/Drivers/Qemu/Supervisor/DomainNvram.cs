using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The file with a UEFI guest's variables, as the domain's life goes on: renewed, renamed, removed with it.</summary>
internal static class DomainNvram
{
    /// <summary>The file, when there is one.</summary>
    public static string? Find(StoredDefinition config, QemuFolders folders)
    {
        DomainDefinition definition = config.Parse();
        return PathOf(definition, folders) is { } path && HostFile.Exists(path) ? path : null;
    }

    /// <summary>Has a start make the variables anew.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoSupport"/>: they lie on a network.</exception>
    public static void Renew(DomainSupervisor domain, IReadOnlyList<IHostResource> resources)
    {
        XElement? nvram = domain.Config?.Parse().Root.Element("os")?.Element("nvram");
        if ((string?)nvram?.Attribute("type") == "network")
        {
            throw VirtException.Create(
                VirtErrorCode.OperationUnsupported, $"the NVRAM of domain '{domain.Name}' lies on a network and cannot be reset", domain.Name,
                "Start it without ResetNvram.");
        }

        foreach (NvramFile file in resources.OfType<NvramFile>())
            file.Renew = true;
    }

    /// <summary>Moves a file that has the domain's old name, and names the new one in the definition.</summary>
    public static NvramMove Move(DomainDefinition definition, string oldName, QemuFolders folders)
    {
        string before = folders.NvramOf(oldName), after = folders.NvramOf(definition.Name);
        XElement? nvram = definition.Root.Element("os")?.Element("nvram");
        if (nvram is null ? !IsSelected(definition) : nvram.Value.Trim() != before)
            return new NvramMove(before, null);
        if (nvram is not null)
            nvram.Value = after;
        if (!HostFile.Exists(before))
            return new NvramMove(before, null);
        if (HostFile.TryLook(after) is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the domain cannot be renamed: the NVRAM file '{after}' exists", oldName,
                "Remove it, or choose another name.");
        }

        // Until the rename is done it has both names: whichever definition a crash leaves finds it.
        HostFile.Link(before, after);
        return new NvramMove(before, after);
    }

    /// <summary>Removes the second names that renames which were cut short have left.</summary>
    public static void RemoveSpareLinks(QemuFolders folders, IReadOnlySet<string> names)
    {
        foreach (string path in Folders.List(folders.Nvram, QemuFolders.NvramExtension))
        {
            if (HostFile.TryLook(path) is { Kind: FileKind.File, Links: > 1 } && !names.Contains(Path.GetFileName(path)[..^QemuFolders.NvramExtension.Length]))
                DurableFile.TryDelete(path);
        }
    }

    private static string? PathOf(DomainDefinition definition, QemuFolders folders)
    {
        XElement? nvram = definition.Root.Element("os")?.Element("nvram");
        return (string?)nvram?.Attribute("type") switch
        {
            "file" => (string?)nvram!.Element("source")?.Attribute("file"),
            not null => null,
            null when nvram?.Value.Trim() is { Length: > 0 } path => path,
            _ => IsSelected(definition) ? folders.NvramOf(definition.Name) : null,
        };
    }

    private static bool IsSelected(DomainDefinition definition) =>
        (string?)definition.Root.Element("os")?.Attribute("firmware") == "efi";
}

/// <summary>An NVRAM file that is being renamed: one of its two names goes at the end, the old one when the rename is kept.</summary>
internal sealed class NvramMove(string before, string? after) : IDisposable
{
    private bool _kept;

    /// <summary>The rename is done.</summary>
    public void Keep() => _kept = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (after is not null)
            DurableFile.TryDelete(_kept ? before : after);
    }
}
