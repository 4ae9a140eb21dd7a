using System.Globalization;
using Virt.Daemon.Native;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Tls;
using Virt.Rpc;

namespace Virt.Daemon.Hosting;

/// <summary>Who may do what. The first rule that names a client decides.</summary>
internal sealed record AccessConfig
{
    /// <summary>Roles beside the built-in ones: for each name its access classes.</summary>
    public Dictionary<string, string[]> Roles { get; set; } = [];

    /// <summary>The rules, in the order they are asked.</summary>
    public AccessRuleConfig[] Rules { get; set; } = [];

    /// <summary>The role of a client that no rule names; null lets it do everything but administer.</summary>
    public string? Default { get; set; }

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path) => _ = Policy(path);

    /// <summary>What the section says, names looked up.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public AccessPolicy Policy(string path)
    {
        Dictionary<string, AccessRole> roles = AccessRole.BuiltIn.ToDictionary(role => role.Name, StringComparer.Ordinal);
        foreach ((string name, string[] classes) in Roles)
        {
            string key = $"access.roles.{name}";
            if (!roles.TryAdd(name, new(name, classes.Aggregate(Access.Handshake, (all, one) => all | Class(path, key, one)))))
                throw DaemonConfig.Fault(path, $"{key} has the name of a built-in role", "Give the role a name of its own.");
        }

        return new([.. Rules.Select((rule, i) => rule.Rule(path, $"access.rules[{i}]", roles))], Default is null ? null : Role(path, "access.default", Default, roles));
    }

    internal static AccessRole Role(string path, string key, string? name, Dictionary<string, AccessRole> roles) =>
        name is not null && roles.TryGetValue(name, out AccessRole? role)
            ? role
            : throw DaemonConfig.Fault(
                path, name is null ? $"{key} is missing" : $"{key} '{name}' is not a role",
                $"Name one of {string.Join(", ", roles.Keys)}, or add it to access.roles.");

    private static Access Class(string path, string key, string name)
    {
        Access[] classes = [.. Enum.GetValues<Access>().Where(one => int.PopCount((int)one) == 1)];
        foreach (Access one in classes)
        {
            if (string.Equals(one.ToString(), name, StringComparison.OrdinalIgnoreCase))
                return one;
        }

        throw DaemonConfig.Fault(
            path, $"{key} names '{name}', which is not an access class",
            $"The classes are {string.Join(", ", classes.Select(one => one.ToString().ToLowerInvariant()))}.");
    }
}

/// <summary>Gives a role to the clients that it names.</summary>
internal sealed record AccessRuleConfig
{
    /// <summary>Users of this machine, by name or number.</summary>
    public string[] UnixUsers { get; set; } = [];

    /// <summary>Groups of this machine, by name or number.</summary>
    public string[] UnixGroups { get; set; } = [];

    /// <summary>Users of <c>virtd user</c>; may have wildcards.</summary>
    public string[] PasswordUsers { get; set; } = [];

    /// <summary>Distinguished names of client certificates; may have wildcards.</summary>
    public string[] Certificates { get; set; } = [];

    /// <summary>What they get.</summary>
    public string? Role { get; set; }

    internal IdentityRule Rule(string path, string key, Dictionary<string, AccessRole> roles)
    {
        if (UnixUsers.Length + UnixGroups.Length + PasswordUsers.Length + Certificates.Length == 0)
        {
            throw DaemonConfig.Fault(
                path, $"{key} names nobody", "Give it unixUsers, unixGroups, passwordUsers or certificates; access.default is for everybody else.");
        }

        return new(key, AccessConfig.Role(path, $"{key}.role", Role, roles))
        {
            UnixUsers = Numbers(path, $"{key}.unixUsers", UnixUsers, "user", name => Accounts.FindUser(name)?.User),
            UnixGroups = Numbers(path, $"{key}.unixGroups", UnixGroups, "group", Accounts.FindGroup),
            PasswordUsers = Names(path, $"{key}.passwordUsers", PasswordUsers),
            Certificates = new AllowedClients(Names(path, $"{key}.certificates", Certificates)),
        };
    }

    private static HashSet<uint> Numbers(string path, string key, string[] names, string what, Func<string, uint?> find) =>
    [
        .. names.Select((name, i) =>
            uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                ? number
                : find(name) ?? throw DaemonConfig.Fault(path, $"{key}[{i}]: this host has no {what} '{name}'", $"Correct the name, add the {what}, or use its number.")),
    ];

    private static string[] Names(string path, string key, string[] names)
    {
        int empty = Array.FindIndex(names, string.IsNullOrWhiteSpace);
        return empty < 0 ? names : throw DaemonConfig.Fault(path, $"{key}[{empty}] is empty", "An asterisk stands for any name.");
    }
}
