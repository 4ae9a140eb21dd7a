using System.Text.Json;
using System.Text.Json.Nodes;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>
/// A monitor command to run once, in order, after the guest's QEMU answers and before its processors run. A failure fails the
/// start.
/// </summary>
/// <param name="Execute">The command.</param>
/// <param name="Arguments">Its arguments, or null.</param>
/// <param name="Reply">Takes what QEMU returned (the value of <c>return</c>), to note live information; or null.</param>
internal sealed record PostStartCommand(
    string Execute, JsonObject? Arguments = null, Action<JsonElement>? Reply = null);

/// <summary>A device or section that has something to say to the monitor after start.</summary>
internal interface IPostStart
{
    /// <summary>The commands.</summary>
    IEnumerable<PostStartCommand> PostStart();
}
