using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>The user that a guest's processes run as, when that is not the daemon's own.</summary>
/// <param name="Name">Its name, or its number where it has none.</param>
/// <param name="User">Its number.</param>
/// <param name="Group">The number of the group.</param>
/// <param name="Groups">All groups, <paramref name="Group"/> with them.</param>
internal sealed record QemuUser(string Name, uint User, uint Group, IReadOnlyList<uint> Groups)
{
    private const string Kvm = "/dev/kvm";

    /// <summary>Whether no other guest has this user.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Whom to name in an access control list so that it, or all guests, may something, as setfacl(1) takes it; null when there is
    /// no name that stays.</summary>
    public string? Grantee { get; init; } = $"u:{Name}";

    /// <summary>A user with the groups it is in, and the one that may use KVM.</summary>
    public static QemuUser Of(uint user, uint group)
    {
        Account? account = Accounts.FindUser(user);
        IEnumerable<uint> groups = account is null ? [group] : Accounts.GroupsOf(account.Name, group);
        return new QemuUser(
            account?.Name ?? user.ToString(System.Globalization.CultureInfo.InvariantCulture), user, group,
            [.. groups.Append(group).Concat(KvmGroup()).Distinct().Where(number => number != 0 || group == 0)]);
    }

    /// <summary>A user and a group of one guest alone, without a name.</summary>
    /// <param name="id">The number of both.</param>
    /// <param name="common">The groups that all guests are in.</param>
    /// <param name="commonName">The name of one of these; null when there is none.</param>
    public static QemuUser OfGuest(uint id, IEnumerable<uint> common, string? commonName) => new(
        id.ToString(System.Globalization.CultureInfo.InvariantCulture), id, id,
        [id, .. common.Concat(KvmGroup()).Distinct().Where(number => number != 0)])
    {
        IsOwn = true, Grantee = commonName is null ? null : $"g:{commonName}",
    };

    private static IEnumerable<uint> KvmGroup()
    {
        if (!File.Exists(Kvm))
            return [];
        using var device = HostPath.TryOpen(Kvm);
        return device is not null && FileStatus.Of(device) is { Kind: FileKind.CharacterDevice, Group: > 0 } status && (status.Mode & 0x30) == 0x30
            ? [status.Group]
            : [];
    }
}
