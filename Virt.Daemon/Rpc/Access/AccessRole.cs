using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>A named set of access classes.</summary>
/// <param name="Name">Its name, as rules use it.</param>
/// <param name="Access">The classes.</param>
internal sealed record AccessRole(string Name, Access Access)
{
    /// <summary>The roles that are there without being configured.</summary>
    public static IReadOnlyList<AccessRole> BuiltIn { get; } =
    [
        new("admin", Access.All),
        new("manager", Access.All & ~Access.Admin),
        new("operator", Access.Read | Access.Control | Access.Console | Access.Agent),
        new("viewer", Access.Read),
        new("none", Access.Handshake),
    ];
}
