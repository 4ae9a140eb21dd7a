using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>Which users guests and the processes that serve them run as. It is looked up at each start.</summary>
/// <param name="config">What the configuration says.</param>
/// <param name="isSystem">Whether this is the system's daemon on the real places.</param>
internal sealed class QemuUsers(QemuConfig config, bool isSystem)
{
    /// <summary>The user that the package makes.</summary>
    public const string DefaultUser = "virt-qemu";

    private const uint Nobody = 65534;

    /// <summary>The configuration.</summary>
    public QemuConfig Config => config;

    /// <summary>Whether guests are to run as other users than the daemon.</summary>
    public bool IsSeparate => Environment.IsPrivilegedProcess && (Range is not null || Name is not (null or "root" or "0"));

    /// <summary>The ids of which each guest has one of its own; null where all run as one user.</summary>
    public UserIdRange? Range { get; } =
        (config.UserIds ?? (isSystem && config.User is null && Environment.IsPrivilegedProcess ? UserIdRange.Default : UserIdRange.None)) is { Count: > 0 } range
            ? range
            : null;

    private string? Name => config.User ?? (isSystem ? DefaultUser : null);

    /// <summary>The user of the guest that has an id of <see cref="Range"/>.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>: there is no such group as the configuration says, or
    /// the daemon cannot become another user.</exception>
    public QemuUser OfGuest(uint id)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationError, "virtd does not run as root: it cannot run guests as users of their own", "qemu.userIds",
                "Remove qemu.userIds from virtd.json, or run virtd as root.");
        }

        if (config.Group is { } group)
            return QemuUser.OfGuest(id, [ResolveGroup(group)], group);
        return Accounts.FindUser(DefaultUser) is { } account
            ? QemuUser.OfGuest(id, Accounts.GroupsOf(account.Name, account.Group), account.Name)
            : QemuUser.OfGuest(id, [], commonName: null);
    }

    /// <summary>Throws when this host, as a container, has not the ids of <see cref="Range"/>.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>.</exception>
    public void CheckRange()
    {
        if (Range is { } ids && !UserMap.Has(ids))
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationError, $"there are no user ids {ids}, of which each guest is to have one: virtd runs in a container with fewer", "qemu.userIds",
                "Set qemu.userIds in virtd.json to ids that /proc/self/uid_map and gid_map have, or to \"none\".");
        }
    }

    /// <summary>Whom a run's processes run as; null for the daemon's own user.</summary>
    public QemuUser? OfRun(string folder)
    {
        if (RunFolder.OwnerOf(folder) is not var (user, group) || (user == Accounts.Own && group == Accounts.OwnGroup))
            return null;
        return Range?.Has(user) == true ? OfGuest(user) : QemuUser.Of(user, group);
    }

    /// <summary>The user of all guests, where they have no ids of their own; null for the daemon's own.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>: there is no such user, or the daemon cannot become
    /// another.</exception>
    public QemuUser? FindShared()
    {
        if (Name is not { } name)
            return null;
        Account account = Resolve(name, "qemu.user");
        uint group = config.Group is null ? account.Group : ResolveGroup(config.Group);
        return Of(account, group);
    }

    /// <summary>What a QEMU may that is only asked something, or works on an image for virtd: a user without root's rights, also where
    /// guests run as root or there is no user for them yet.</summary>
    public Confinement Confinement()
    {
        QemuUser? user = null;
        try
        {
            user = FindShared();
        }
        catch (VirtException) when (Environment.IsPrivilegedProcess)
        {
            // There is none yet.
        }

        return new Confinement(user ?? (Environment.IsPrivilegedProcess ? QemuUser.Of(Nobody, Nobody) : null), config.Sandbox);
    }

    /// <summary>The user of the processes that emulate TPMs; null for the daemon's own.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>: there is no such user.</exception>
    public QemuUser? FindForTpm(QemuUser? guest)
    {
        if (config.TpmUser is null)
            return guest;
        Account account = Resolve(config.TpmUser, "qemu.tpmUser");
        return Of(account, account.Group);
    }

    private static QemuUser? Of(Account account, uint group)
    {
        if (account.User == Accounts.Own && (group == Accounts.OwnGroup || !Environment.IsPrivilegedProcess))
            return null;
        return Environment.IsPrivilegedProcess
            ? QemuUser.Of(account.User, group)
            : throw new VirtException(
                VirtErrorCode.ConfigurationError, $"virtd does not run as root: it cannot run QEMU as '{account.Name}'", account.Name,
                "Remove qemu.user from virtd.json, or run virtd as root.");
    }

    private static Account Resolve(string name, string key)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number != uint.MaxValue)
            return Accounts.FindUser(number) ?? new Account(name, number, number);
        return Accounts.FindUser(name) ?? throw new VirtException(
            VirtErrorCode.ConfigurationError, $"there is no user '{name}', whom QEMU is to run as", name,
            name == DefaultUser
                ? $"Install virtd's package, which makes it, or make it: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin {name}; or name another as qemu.user in virtd.json."
                : $"Make it: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin {name}; or correct {key} in virtd.json.");
    }

    private static uint ResolveGroup(string name)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number != uint.MaxValue)
            return number;
        return Accounts.FindGroup(name) ?? throw new VirtException(
            VirtErrorCode.ConfigurationError, $"there is no group '{name}', which QEMU is to run as", name,
            $"Make it: groupadd --system {name}; or correct qemu.group in virtd.json.");
    }
}
