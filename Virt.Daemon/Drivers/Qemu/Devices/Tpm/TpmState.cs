using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What an emulated TPM has stored: a folder per domain below the driver's state.</summary>
internal static class TpmState
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder of a domain's TPM.</summary>
    public static string FolderOf(QemuFolders folders, Guid domain) => Path.Combine(folders.Tpm, domain.ToString("D"));

    /// <summary>Removes it together with the domain's definition, unless it is to be kept.</summary>
    /// <param name="folders">The driver's folders.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="definition">Its definition.</param>
    /// <param name="options">What the caller wants removed and kept.</param>
    public static void Undefine(QemuFolders folders, Guid domain, XElement definition, UndefineOptions options)
    {
        bool keeps = definition.Element("devices")?.Elements("tpm").Elements("backend")
            .Any(backend => backend.Flag("persistent_state") == true) ?? false;
        if ((options & UndefineOptions.KeepTpm) == 0 && (!keeps || (options & UndefineOptions.Tpm) != 0))
            Delete(folders, domain);
    }

    /// <summary>
    /// Gives it to the user that its emulator runs as. The folder of the domain stays the daemon's, so that nobody else can put
    /// anything there: what lies in it goes to the user.
    /// </summary>
    /// <param name="folders">The driver's folders.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="user">The user; null takes it back, as while the guest is off nobody but the daemon has it.</param>
    public static void Give(QemuFolders folders, Guid domain, QemuUser? user)
    {
        using HostFolder? held = HostFolder.TryOpen(FolderOf(folders, domain));
        if (held is null)
            return;
        uint group = user?.Group ?? Accounts.OwnGroup;
        _ = FileOwner.Set(held.Handle, Accounts.Own, group);
        FileOwner.SetMode(held.Handle, user is null ? Private : Private | UnixFileMode.GroupExecute);
        foreach (string state in held.List())
            FolderTree.Give(held, state, user?.User ?? Accounts.Own, group);
    }

    /// <summary>The user whom it is given to; null when it is nobody's but the daemon's.</summary>
    public static uint? UserOf(QemuFolders folders, Guid domain)
    {
        using HostFolder? held = HostFolder.TryOpen(FolderOf(folders, domain));
        return held?.List().Select(state => held.Find(state)?.User).FirstOrDefault(user => user is not null && user != Accounts.Own);
    }

    /// <summary>Removes it.</summary>
    public static void Delete(QemuFolders folders, Guid domain)
    {
        string folder = FolderOf(folders, domain);
        try
        {
            FolderTree.Delete(folder);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.SystemError, $"the TPM state '{folder}' cannot be removed: {failed.Message}", folder, "Look at the rights there.", failed);
        }
    }
}
