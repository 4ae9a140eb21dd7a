using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Check;

/// <summary>Whom guests run as, and whether somebody else has their ids.</summary>
internal static class GuestUserCheck
{
    private const string OwnIds = "qemu.userIds";
    private const string OneUser = "qemu.user";

    public static CheckItem Run(string configPath, VirtDirectories directories)
    {
        try
        {
            var users = new QemuUsers(DaemonConfig.Read(configPath, mustExist: false).Qemu, directories == VirtDirectories.System && Environment.IsPrivilegedProcess);
            if (users.Range is { } range)
                return Own(range, users.OfGuest(range.First), users);
            QemuUser? user = users.FindShared();
            _ = users.FindForTpm(user);
            return user is not null
                ? CheckItem.Pass(OneUser, $"all guests run as {user.Name} ({user.User}:{user.Group}, groups {string.Join(',', user.Groups)}) with {Privileges.Program}")
                : Environment.IsPrivilegedProcess
                    ? CheckItem.Warn(OneUser, "guests run as root", "Let each have a user id of its own: \"qemu\": { \"userIds\": {} } in virtd.json; or name a user as qemu.user.")
                    : CheckItem.Pass(OneUser, $"guests run as {Environment.UserName}");
        }
        catch (VirtException fault)
        {
            return CheckItem.Fail(OneUser, fault.Message, fault.RecommendedAction ?? "Correct qemu.user in virtd.json.");
        }
    }

    private static CheckItem Own(UserIdRange range, QemuUser first, QemuUsers users)
    {
        users.CheckRange();
        _ = users.FindForTpm(first);
        string[] others = [.. UserIdTables.Entries(range)];
        string groups = first.Groups.Count > 1 ? $", groups {string.Join(',', first.Groups.Skip(1))}" : "";
        return others.Length > 0
            ? CheckItem.Warn(OwnIds, $"guests run as the user ids {range}, of which others have some: {string.Join("; ", others)}", "Change qemu.userIds in virtd.json to ids that nobody has, or those entries.")
            : CheckItem.Pass(OwnIds, $"each guest runs as a user id of its own, of {range}{groups}, with {Privileges.Program}");
    }
}
