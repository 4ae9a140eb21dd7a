using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>What a person should know after a change of a device: what waits for the next start, what will be gone then.</summary>
internal static class DeviceNotes
{
    private const string NextStart = "It takes effect with the next start; the running guest is as it was.";

    /// <summary>After a device was added.</summary>
    public static IReadOnlyList<string> Attached(ChangeScope applied, bool active, bool persistent) => applied switch
    {
        ChangeScope.Live when persistent => ["The device is gone after the guest's end: the definition does not have it (scope Both adds it there too)."],
        ChangeScope.Config when active => [NextStart],
        _ => [],
    };

    /// <summary>After a device was taken out.</summary>
    /// <param name="applied">Where.</param>
    /// <param name="active">Whether the domain runs.</param>
    /// <param name="inConfig">Whether the definition has it still.</param>
    public static IReadOnlyList<string> Detached(ChangeScope applied, bool active, bool inConfig) => applied switch
    {
        ChangeScope.Live when inConfig => ["The device comes back with the next start: the definition has it still (scope Both takes it out there too)."],
        ChangeScope.Config when active => ["The running guest keeps the device until its end."],
        _ => [],
    };

    /// <summary>After a device was changed.</summary>
    public static IReadOnlyList<string> Updated(ChangeScope applied, bool active, bool inConfig, XElement? before, XElement after) => applied switch
    {
        ChangeScope.Live when inConfig => ["The next start has the device as the definition says, without this change (scope Both makes it there too)."],
        ChangeScope.Config when active && before is not null
            && DeviceDifference.Fixed(before, after) is { Count: > 0 } fields =>
            [$"{NextStart} A running guest cannot change {string.Join(", ", fields)}."],
        ChangeScope.Config when active => [NextStart],
        _ => [],
    };
}
