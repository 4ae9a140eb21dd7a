using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Tuning;

/// <summary>What a guest may take of the host, which the kernel holds it to by control groups: shares and quotas of
/// <c>cputune</c>, <c>memtune</c>, <c>blkiotune</c>. Files and values are those of cgroup v2.</summary>
internal sealed class GroupLimits
{
    private const long Unlimited = 9007199254740991L << 10;
    private readonly List<(string File, string Value)> _guest = [];

    private GroupLimits(GuestContext context)
    {
        XElement root = context.General.Root;
        XElement? cpu = root.Element("cputune");
        if (cpu?.Element("shares") is { } shares)
            _guest.Add(("cpu.weight", Text(shares.Number(2, 262144) is <= 10_000 and var weight ? Math.Max(weight, 1) : 10_000)));
        Add("cpu.max", CpuBandwidth.Read(cpu, "global_").Value);
        VCpu = CpuBandwidth.Read(cpu, "");
        Emulator = CpuBandwidth.Read(cpu, "emulator_");
        IOThread = CpuBandwidth.Read(cpu, "iothread_");
        ReadMemory(root.Element("memtune"));
        ReadDisks(root.Element("blkiotune"));
        foreach (XElement element in cpu?.Elements().Where(child => child.Name.LocalName is "cachetune" or "memorytune") ?? [])
            context.FailStart(element, "the host's cache and memory bandwidth cannot be divided (resctrl)", "Remove the element.");
    }

    /// <summary>What holds for the guest as a whole.</summary>
    public IReadOnlyList<(string File, string Value)> Guest => _guest;

    /// <summary>For each virtual CPU.</summary>
    public CpuBandwidth VCpu { get; }

    /// <summary>For QEMU's other threads.</summary>
    public CpuBandwidth Emulator { get; }

    /// <summary>For each iothread.</summary>
    public CpuBandwidth IOThread { get; }

    /// <summary>Whether threads are limited apart from each other.</summary>
    public bool HasThreads => (VCpu.Value ?? Emulator.Value ?? IOThread.Value) is not null;

    /// <summary>Whether nothing is limited.</summary>
    public bool IsEmpty => _guest.Count == 0 && !HasThreads;

    /// <summary>Reads and checks it.</summary>
    public static GroupLimits Read(GuestContext context) => new(context);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Add(string file, string? value)
    {
        if (value is not null)
            _guest.Add((file, value));
    }

    private void ReadMemory(XElement? memory)
    {
        if (memory?.Element("min_guarantee") is { } guarantee)
            throw XmlFault.Unsupported(guarantee, "QEMU guests have no guaranteed memory");
        long? hard = Limit(memory, "hard_limit"), swap = Limit(memory, "swap_hard_limit");
        Add("memory.max", hard is { } most ? Text(most) : null);
        Add("memory.high", Limit(memory, "soft_limit") is { } soft ? Text(soft) : null);
        if (swap is { } both)
        {
            if (hard is null || both < hard)
                throw XmlFault.Unsupported(memory!.Element("swap_hard_limit")!, "it is memory and swap together: at least hard_limit, which must be given");
            Add("memory.swap.max", Text(both - hard.Value));
        }
    }

    private static long? Limit(XElement? memory, string name) =>
        memory?.Element(name) is { } element && ScaledSize.Read(element, "KiB") is > 0 and < Unlimited and var bytes ? bytes : null;

    private void ReadDisks(XElement? disks)
    {
        if (disks?.Element("weight") is { } weight)
            Add("io.weight", $"default {Text(weight.Number(1, 10_000))}");
        foreach (XElement device in disks?.Elements("device") ?? [])
        {
            string path = device.PathOf("path") ?? throw XmlFault.Invalid(device, "the element path is missing");
            if (device.Element("weight") is { } own)
                Add("io.weight", $"{path} {Text(own.Number(1, 10_000))}");
            foreach ((string name, string key) in ((string, string)[])
                [("read_bytes_sec", "rbps"), ("write_bytes_sec", "wbps"), ("read_iops_sec", "riops"), ("write_iops_sec", "wiops")])
            {
                if (device.Element(name)?.Number(0, long.MaxValue) is > 0 and var limit)
                    Add("io.max", $"{path} {key}={Text(limit)}");
            }
        }
    }
}
