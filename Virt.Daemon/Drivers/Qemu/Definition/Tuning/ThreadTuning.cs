using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Tuning;

/// <summary>On which of the host's processors QEMU's threads run, and how they are scheduled: <c>vcpu cpuset</c> and the pins and
/// schedulers of <c>cputune</c>.</summary>
internal sealed class ThreadTuning
{
    private readonly Dictionary<int, IndexSet> _vcpuPins = [];
    private readonly Dictionary<int, IndexSet> _threadPins = [];
    private readonly Dictionary<int, Scheduling> _vcpuSchedulers = [];
    private readonly Dictionary<int, Scheduling> _threadSchedulers = [];
    private readonly IndexSet? _all;
    private readonly IndexSet? _emulatorPin;
    private readonly Scheduling? _emulatorScheduler;

    private ThreadTuning(DomainDefinition general)
    {
        XElement? vcpu = general.Root.Element("vcpu");
        _all = vcpu is not null && vcpu.Text("placement") != "auto" ? IndexSet.Read(vcpu, "cpuset") : null;
        XElement? tuning = general.Root.Element("cputune");
        Read(tuning, "vcpupin", "vcpu", _vcpuPins);
        Read(tuning, "iothreadpin", "iothread", _threadPins);
        Read(tuning, "vcpusched", "vcpus", _vcpuSchedulers);
        Read(tuning, "iothreadsched", "iothreads", _threadSchedulers);
        _emulatorPin = Single(tuning, "emulatorpin") is { } pin ? Pin(pin) : null;
        _emulatorScheduler = Single(tuning, "emulatorsched") is { } scheduler ? Scheduling.Read(scheduler) : null;
    }

    /// <summary>Whether the host's kernel decides all of it.</summary>
    public bool IsEmpty => _all is null && _emulatorPin is null && _emulatorScheduler is null
        && _vcpuPins.Count + _threadPins.Count + _vcpuSchedulers.Count + _threadSchedulers.Count == 0;

    /// <summary>Reads and checks it.</summary>
    public static ThreadTuning Read(DomainDefinition general) => new(general);

    /// <summary>For the thread of a virtual CPU.</summary>
    public (IndexSet? Pin, Scheduling? Scheduler) OfVCpu(int number) =>
        (_vcpuPins.GetValueOrDefault(number) ?? _all, _vcpuSchedulers.GetValueOrDefault(number));

    /// <summary>For an iothread.</summary>
    public (IndexSet? Pin, Scheduling? Scheduler) OfIOThread(int number) =>
        (_threadPins.GetValueOrDefault(number) ?? _emulatorPin ?? _all, _threadSchedulers.GetValueOrDefault(number));

    /// <summary>For QEMU's other threads.</summary>
    public (IndexSet? Pin, Scheduling? Scheduler) OfEmulator => (_emulatorPin ?? _all, _emulatorScheduler);

    private static XElement? Single(XElement? tuning, string name)
    {
        XElement[] found = [.. tuning?.Elements(name) ?? []];
        return found.Length > 1 ? throw XmlFault.Invalid(found[1], "a domain has only one") : found.FirstOrDefault();
    }

    private static IndexSet Pin(XElement pin) => IndexSet.Read(pin, "cpuset") ?? throw XmlFault.Invalid(pin, "the attribute cpuset is missing");

    private static void Read(XElement? tuning, string name, string attribute, Dictionary<int, IndexSet> pins)
    {
        foreach (XElement pin in tuning?.Elements(name) ?? [])
        {
            int number = pin.Integer(attribute, 0, int.MaxValue) ?? throw XmlFault.Invalid(pin, $"the attribute {attribute} is missing");
            if (!pins.TryAdd(number, Pin(pin)))
                throw XmlFault.Invalid(pin, $"two are for {attribute} {number}");
        }
    }

    private static void Read(XElement? tuning, string name, string attribute, Dictionary<int, Scheduling> schedulers)
    {
        foreach (XElement element in tuning?.Elements(name) ?? [])
        {
            var scheduling = Scheduling.Read(element);
            IndexSet members = IndexSet.Read(element, attribute) ?? throw XmlFault.Invalid(element, $"the attribute {attribute} is missing");
            foreach (int number in members.Members)
            {
                if (!schedulers.TryAdd(number, scheduling))
                    throw XmlFault.Invalid(element, $"two are for number {number} of {attribute}");
            }
        }
    }
}
