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
        if (UserRights.Ask(user, file.Path, RightOf(file.Need)) != Denied)
            return;
        string deed = file.Need == FileNeed.Read ? "read" : "write";
        string rights = file.Need == FileNeed.Read ? "r" : "rw";
        if (Blocking(file.Path, user) is { } folder)
        {
            throw VirtException.Create(
                VirtErrorCode.SystemError,
                $"the {file.What} '{file.Path}' is out of reach: QEMU runs as {Name(user)}, whom the folder '{folder}' does not let pass", file.Path,
                $"Move it to a folder such as /var/lib/virt/images, or let {Whom(user)} pass: {Let(user, "x", folder)}.");
        }

        throw VirtException.Create(
            VirtErrorCode.SystemError, $"QEMU runs as {Name(user)}, who cannot {deed} the {file.What} '{file.Path}'", file.Path,
            $"Give {Whom(user)} the right ({Let(user, rights, file.Path)}), or set qemu.dynamicOwnership to true in virtd.json.");
    }

    /// <summary>The right that a need is.</summary>
    public static int RightOf(FileNeed need) => need == FileNeed.Read ? UserRights.Read : UserRights.Read | UserRights.Write;

    private static string Name(QemuUser user) => user.IsOwn ? $"a user of its own ({user.Name})" : $"the user '{user.Name}'";

    // A guest's own user may be another tomorrow.
    private static string Whom(QemuUser user) => user.IsOwn ? "guests" : "the user";

    private static string Let(QemuUser user, string rights, string path) =>
        user.Grantee is { } grantee ? $"setfacl -m {grantee}:{rights} '{path}'" : $"chmod o+{rights} '{path}'";

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
