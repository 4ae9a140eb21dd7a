using System.Text.Json.Serialization;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>How QEMU runs.</summary>
internal sealed record QemuConfig
{
    /// <summary>The user ids of which each guest has one of its own while it runs. Null: <see cref="UserIdRange.Default"/> for the system's
    /// daemon, <see cref="UserIdRange.None"/> for others and where <see cref="User"/> names a user.</summary>
    [JsonConverter(typeof(UserIdRangeConverter))]
    public UserIdRange? UserIds { get; set; }

    /// <summary>The user that all guests run as, by name or number, where they have no ids of their own. Null: <c>virt-qemu</c> for the
    /// system's daemon, the daemon's own user for others. <c>root</c> means what it says.</summary>
    public string? User { get; set; }

    /// <summary>A group that all guests are in, by name or number. Null: the groups of <c>virt-qemu</c>, or the group of
    /// <see cref="User"/>.</summary>
    public string? Group { get; set; }

    /// <summary>The user that the emulators of TPMs run as; null for that of the guests.</summary>
    public string? TpmUser { get; set; }

    /// <summary>Whether files that a guest cannot open are given to its user while it runs.</summary>
    public bool DynamicOwnership { get; set; } = true;

    /// <summary>Whether such files go back to whom they belonged to; otherwise they go to root.</summary>
    public bool RememberOwner { get; set; } = true;

    /// <summary>Whether QEMU denies itself system calls that it does not need (seccomp).</summary>
    public bool Sandbox { get; set; } = true;

    /// <summary>Emulators that definitions may name beside those that virtd finds itself; absolute paths.</summary>
    public IReadOnlyList<string> Emulators { get; set; } = [];

    /// <summary>Programs for shared folders (virtiofsd) that definitions may name beside those that the host describes; absolute paths.</summary>
    public IReadOnlyList<string> Virtiofsd { get; set; } = [];

    /// <summary>Programs that definitions may name as the script of a network interface; absolute paths.</summary>
    public IReadOnlyList<string> InterfaceScripts { get; set; } = [];

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        UserIds?.Check(path);
        if (User is not null && UserIds is { Count: > 0 })
            throw DaemonConfig.Fault(path, "qemu.user and qemu.userIds are both set", "Name a user for all guests, or user ids of their own, not both.");
        Check(path, "qemu.user", User);
        Check(path, "qemu.group", Group);
        Check(path, "qemu.tpmUser", TpmUser);
        CheckPrograms(path, "qemu.emulators", Emulators);
        CheckPrograms(path, "qemu.virtiofsd", Virtiofsd);
        CheckPrograms(path, "qemu.interfaceScripts", InterfaceScripts);
    }

    private static void CheckPrograms(string path, string key, IReadOnlyList<string> programs)
    {
        if (programs.FirstOrDefault(program => program is null || !Path.IsPathFullyQualified(program) || program.Any(char.IsControl)) is { } wrong)
            throw DaemonConfig.Fault(path, $"{key} '{wrong}' is not an absolute path");
    }

    private static void Check(string path, string key, string? name)
    {
        if (name is not null && (name.Length is 0 or > 256 || name[0] == '-' || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is ':' or '/' or ',')))
            throw DaemonConfig.Fault(path, $"{key} '{name}' is not a name or number");
    }
}
