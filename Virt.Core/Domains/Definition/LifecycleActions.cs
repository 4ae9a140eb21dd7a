using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>The words of <c>on_poweroff</c>, <c>on_reboot</c> and <c>on_crash</c>.</summary>
internal static class LifecycleActions
{
    public static LifecycleAction Read(XElement? element, LifecycleAction absent) => element?.Value.Trim() switch
    {
        null => absent,
        "destroy" => LifecycleAction.Destroy,
        "restart" => LifecycleAction.Restart,
        "rename-restart" => LifecycleAction.RenameRestart,
        "preserve" => LifecycleAction.Preserve,
        "coredump-destroy" => LifecycleAction.CoredumpDestroy,
        "coredump-restart" => LifecycleAction.CoredumpRestart,
        var other => throw XmlFault.Invalid(
            element, $"'{other}' is not an action", "Use destroy, restart, preserve, coredump-destroy or coredump-restart."),
    };

    public static string Format(LifecycleAction action) => action switch
    {
        LifecycleAction.Destroy => "destroy",
        LifecycleAction.Restart => "restart",
        LifecycleAction.RenameRestart => "rename-restart",
        LifecycleAction.Preserve => "preserve",
        LifecycleAction.CoredumpDestroy => "coredump-destroy",
        LifecycleAction.CoredumpRestart => "coredump-restart",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}
