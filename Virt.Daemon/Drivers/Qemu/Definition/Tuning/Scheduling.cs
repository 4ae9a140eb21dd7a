using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Tuning;

/// <summary>How the host's kernel schedules a thread (sched(7)).</summary>
/// <param name="Policy">The kernel's number: 1 fifo, 2 rr, 3 batch, 5 idle.</param>
/// <param name="Priority">1 to 99 for fifo and rr, else 0.</param>
internal sealed record Scheduling(int Policy, int Priority)
{
    /// <summary>Reads <c>scheduler</c> and <c>priority</c> of an element.</summary>
    public static Scheduling Read(XElement element)
    {
        string scheduler = element.Choice("scheduler", "batch", "idle", "fifo", "rr")
            ?? throw XmlFault.Invalid(element, "the attribute scheduler is missing");
        bool isRealTime = scheduler is "fifo" or "rr";
        int? priority = element.Integer("priority", 1, 99);
        if (isRealTime && priority is null)
            throw XmlFault.Invalid(element, $"the scheduler '{scheduler}' needs the attribute priority");
        return new Scheduling(
            scheduler switch { "fifo" => 1, "rr" => 2, "batch" => 3, _ => 5 }, isRealTime ? priority!.Value : 0);
    }
}
