using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Plans machines of little more than processor and memory, so that these tests are about running guests and nothing else.</summary>
internal sealed class BarePlanner : IGuestPlanner
{
    public string Executable { get; set; } = "/usr/bin/qemu-system-x86_64";

    public List<string> Extra { get; } = [];

    public ValueTask<DomainDefinition> CheckAsync(DomainDefinition definition, CancellationToken cancel) => ValueTask.FromResult(definition);

    public ValueTask<GuestPlan> PlanAsync(DomainDefinition definition, GuestPlaces places, CancellationToken cancel)
    {
        List<string> arguments =
        [
            "-name", $"guest={definition.Name}", "-S", "-no-shutdown", "-no-user-config", "-nodefaults", "-display", "none",
            "-machine", "q35,accel=tcg", "-m", $"{definition.MaximumMemory / 1048576}", "-smp", $"{definition.VCpu},maxcpus={definition.MaximumVCpu}",
            "-chardev", "socket,id=charmonitor,fd=3,server=on,wait=off", "-mon", "chardev=charmonitor,mode=control",
            "-pidfile", places.PidFile, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        ];
        DomainDefinition live = definition.Clone();
        XElement? devices = live.Root.Element("devices");
        if (devices?.Element("memballoon") is { } balloon)
        {
            arguments.AddRange(["-device", "virtio-balloon-pci,id=balloon0"]);
            balloon.Add(new XElement("alias", new XAttribute("name", "balloon0")));
        }

        if (devices?.Element("disk") is { } disk)
        {
            string file = JsonSerializer.Serialize((string)disk.Element("source")!.Attribute("file")!);
            arguments.AddRange(["-blockdev", $$"""{"driver":"file","filename":{{file}},"node-name":"disk0","discard":"unmap"}"""]);
            arguments.AddRange(["-device", "virtio-blk-pci,id=virtio-disk0,drive=disk0"]);
            disk.Add(new XElement("alias", new XAttribute("name", "virtio-disk0")));
        }

        if (devices?.Element("panic") is not null)
            arguments.AddRange(["-device", "pvpanic"]);
        if (live.Root.Element("os")?.Element("kernel") is { } kernel)
        {
            arguments.AddRange(["-kernel", kernel.Value, "-initrd", live.Root.Element("os")!.Element("initrd")!.Value]);
            arguments.AddRange(["-append", "console=ttyS0 no_timer_check " + live.Root.Element("os")!.Element("cmdline")?.Value]);
            arguments.AddRange(["-chardev", $"file,id=serial0,path={places.Folder}/serial.txt", "-device", "isa-serial,chardev=serial0"]);
        }

        if (places.Restoring)
            arguments.AddRange(["-incoming", "defer"]);
        arguments.AddRange(Extra);
        return ValueTask.FromResult(new GuestPlan(
            Executable, arguments, ["PATH=/usr/bin:/bin", "LC_ALL=C"], [new GuestPlanStep(new QmpCommand("query-version"))], live.ToXml, [], []));
    }

    public ValueTask<IReadOnlyList<IHostResource>> ReadResourcesAsync(DomainDefinition live, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<IHostResource>>([]);

    public ValueTask PrepareAsync(IEnumerable<GuestDevice> devices, CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask<GuestDefinition> ReadLiveAsync(DomainDefinition live, CancellationToken cancel) =>
        ValueTask.FromResult(GuestDefinition.ParseLive(live, FrozenQemu.Capabilities));
}
