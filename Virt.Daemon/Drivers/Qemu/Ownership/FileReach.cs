using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>Whether QEMU's user gets at a file, and if not, which folder keeps it out.</summary>
internal static class FileReach
{
    private const int Denied = 13;

    /// <summary>Throws <see cref="VirtErrorCode.SystemError"/> when it does not.</summary>
    public static void Check(GuestFile file, QemuUser user)
    {
        int right = file.Need == FileNeed.Write ? UserRights.Read | UserRights.Write : UserRights.Read;
        if (UserRights.Ask(user, file.Path, right) != Denied)
            return;
        string deed = file.Need == FileNeed.Write ? "write" : "read";
        if (Blocking(file.Path, user) is { } folder)
        {
            throw VirtException.Create(
                VirtErrorCode.SystemError,
                $"the {file.What} '{file.Path}' is out of reach: QEMU runs as the user '{user.Name}', whom the folder '{folder}' does not let pass", file.Path,
                $"Move it to a folder such as /var/lib/virt/images, or let the user pass: setfacl -m u:{user.Name}:x '{folder}'.");
        }

        throw VirtException.Create(
            VirtErrorCode.SystemError, $"QEMU runs as the user '{user.Name}', who cannot {deed} the {file.What} '{file.Path}'", file.Path,
            "Give the user the right (chown, setfacl), or set qemu.dynamicOwnership to true in virtd.json.");
    }

    /// <summary>The first folder on the way that a user cannot pass; null when it can pass all.</summary>
    public static string? Blocking(string path, QemuUser user)
    {
        string folder = "";
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1))
        {
            folder += "/" + name;
            if (UserRights.Ask(user, folder + "/.", UserRights.Reach) == Denied)
                return folder;
        }

        return null;
    }
}
