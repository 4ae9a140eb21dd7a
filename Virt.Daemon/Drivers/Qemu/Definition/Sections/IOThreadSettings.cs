using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>How a thread of QEMU's works: its pool of helpers, and how long it polls (nanoseconds) before it sleeps.</summary>
internal sealed record IOThreadSettings(int? PoolMinimum, int? PoolMaximum, long? PollMaximum, long? PollGrow, long? PollShrink)
{
    /// <summary>Whether all is QEMU's default.</summary>
    public bool IsEmpty => this == new IOThreadSettings(null, null, null, null, null);

    /// <summary>Reads <c>iothread</c> or <c>defaultiothread</c>.</summary>
    public static IOThreadSettings Read(XElement thread)
    {
        int? minimum = thread.Integer("thread_pool_min", 0, int.MaxValue), maximum = thread.Integer("thread_pool_max", 1, int.MaxValue);
        if (minimum > maximum)
            throw XmlFault.Unsupported(thread, $"thread_pool_min ({minimum}) is more than thread_pool_max ({maximum})");
        XElement? poll = thread.Element("poll");
        return new IOThreadSettings(
            minimum, maximum, poll?.Number("max", 0, long.MaxValue), poll?.Number("grow", 0, long.MaxValue), poll?.Number("shrink", 0, long.MaxValue));
    }

    /// <summary>Adds them to an object.</summary>
    public JsonObject AddTo(JsonObject target) => target.With("thread-pool-max", PoolMaximum).With("thread-pool-min", PoolMinimum)
        .With("poll-max-ns", PollMaximum).With("poll-grow", PollGrow).With("poll-shrink", PollShrink);
}
