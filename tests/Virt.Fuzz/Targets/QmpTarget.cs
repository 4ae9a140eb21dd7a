using System.Text;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Targets;

/// <summary>
/// A QEMU that lies. The first line of an input is what virtd does; the rest are the lines that QEMU sends while it does it, with
/// <c>"$id"</c> where a reply has the command's id. Jobs go over a socket to the
/// supervisor of a running guest; <c>reply</c>, <c>probe</c> and <c>line</c> feed the readers alone.
/// </summary>
internal sealed class QmpTarget : FuzzTarget
{
    private static readonly LaunchPaths Paths = new("/run/virt/guest", "/run/virt/guest.pid", "/var/log/virt/guest.log");

    private static readonly string Xml = $"""
        <domain type='qemu'><name>guest</name><uuid>c0ffee00-0000-4000-8000-000000000001</uuid><memory>262144</memory><vcpu current='1'>4</vcpu>
        <iothreads>1</iothreads><os><type machine='q35'>hvm</type></os><on_poweroff>preserve</on_poweroff><on_reboot>preserve</on_reboot>
        <on_crash>preserve</on_crash><devices>
        <disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk><interface type='user'/>
        <serial type='pty'/><console type='pty'/><graphics type='vnc' autoport='yes'/><rng model='virtio'><backend model='builtin'/></rng>
        <memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory></devices>
        <maxMemory slots='4' unit='GiB'>4</maxMemory><cpu><numa><cell id='0' cpus='0-3' memory='262144'/></numa></cpu></domain>
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("vf-").FullName;
    private readonly ErrorLog _log = new();
    private readonly QemuHost _host;
    private readonly StoredDefinition _live;
    private readonly Dictionary<string, Func<DomainSupervisor, GuestRun, Task>> _jobs;
    private readonly ProcessIdentity _self = ProcessIdentity.TryRead(Environment.ProcessId)!;
    private int _runs;

    public QmpTarget()
    {
        _host = new QemuHost(VirtDirectories.FromRoot(_root), new LivePlanner(), _log);
        _host.Services.Folders.Create(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var guest = GuestDefinition.Parse(DomainDefinition.Parse(Xml), EveryQemu.Capabilities);
        _ = QemuCommandLine.Build(guest, EveryQemu.Capabilities, Paths);
        _live = StoredDefinition.FromXml(guest.ToXml(live: true));
        _jobs = new()
        {
            ["statistics"] = (domain, _) => GuestStatisticsReader.ReadAsync(domain, StatisticsGroups.All, CancellationToken.None),
            ["vcpus"] = (domain, run) => GuestVCpus.CountAsync(domain, run),
            ["plug"] = (domain, run) => GuestVCpus.SetAsync(domain, run, 2),
            ["threads"] = (domain, run) => GuestThreads.QueryAsync(domain, run),
            ["reconcile"] = DeviceReconciler.RunAsync,
            ["nodes"] = (domain, run) => BlockNodes.LastAsync(domain, run),
            ["size"] = (domain, run) => BlockNodes.SizeAsync(domain, run, "libvirt-1-format"),
            ["stop"] = (domain, run) => GuestControl.PauseAsync(domain, run, DomainStateReason.User),
            ["status"] = (domain, run) => GuestAdopter.ReconcileAsync(domain, run),
        };
    }

    public override string Name => "qmp";

    public override string Description => "a lying QEMU: lines, replies, events";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new JsonMutator(), new JsonMutator(), new JsonMutator(), new TextMutator(), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds => ((string[])[
        "statistics\n{\"return\":{\"actual\":1024},\"id\":\"$id\"}\n{\"return\":{\"last-update\":5,\"stats\":{\"stat-total-memory\":1,\"stat-free-memory\":2}},\"id\":\"$id\"}\n{\"return\":[{\"cpu-index\":0,\"thread-id\":1}],\"id\":\"$id\"}\n{\"return\":[{\"qdev\":\"virtio-disk0\",\"inserted\":{\"image\":{\"virtual-size\":1,\"actual-size\":1}}}],\"id\":\"$id\"}\n{\"return\":[{\"qdev\":\"/machine/peripheral/virtio-disk0/virtio-backend\",\"stats\":{\"rd_bytes\":1,\"wr_highest_offset\":2},\"parent\":{\"stats\":{\"wr_highest_offset\":3}}}],\"id\":\"$id\"}",
        "vcpus\n{\"return\":[{\"props\":{\"core-id\":0},\"type\":\"qemu64-x86_64-cpu\",\"qom-path\":\"/machine/x\"},{\"props\":{\"core-id\":1},\"type\":\"qemu64-x86_64-cpu\"}],\"id\":\"$id\"}",
        "plug\n{\"return\":[{\"props\":{\"core-id\":1},\"type\":\"qemu64-x86_64-cpu\"},{\"props\":{\"core-id\":0},\"type\":\"qemu64-x86_64-cpu\",\"qom-path\":\"/machine/x\"}],\"id\":\"$id\"}\n{\"return\":{},\"id\":\"$id\"}",
        "threads\n{\"return\":[{\"cpu-index\":0,\"thread-id\":12}],\"id\":\"$id\"}\n{\"return\":[{\"id\":\"iothread1\",\"thread-id\":13}],\"id\":\"$id\"}",
        "reconcile\n{\"return\":[{\"props\":{},\"type\":\"x\",\"qom-path\":\"/y\"}],\"id\":\"$id\"}\n{\"return\":[{\"name\":\"virtio-disk0\",\"type\":\"child<virtio-blk-pci>\"},{\"name\":\"net0\"}],\"id\":\"$id\"}",
        "nodes\n{\"return\":[{\"node-name\":\"libvirt-1-format\",\"image\":{\"virtual-size\":1048576}},{\"node-name\":\"libvirt-2-storage\"}],\"id\":\"$id\"}",
        "size\n{\"return\":[{\"node-name\":\"libvirt-1-format\",\"image\":{\"virtual-size\":1048576}}],\"id\":\"$id\"}",
        "stop\n{\"event\":\"STOP\",\"timestamp\":{\"seconds\":1,\"microseconds\":2}}\n{\"event\":\"RESUME\"}\n{\"event\":\"RESET\",\"data\":{\"guest\":true,\"reason\":\"guest-reset\"}}\n{\"return\":{},\"id\":\"$id\"}",
        "stop\n{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":\"guest-shutdown\"}}\n{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"pause\"}}\n{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"},\"id\":\"$id\"}",
        "stop\n{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":\"stop\",\"device\":\"x\"}}\n{\"event\":\"WATCHDOG\",\"data\":{\"action\":\"pause\"}}\n{\"event\":\"MIGRATION\",\"data\":{\"status\":\"completed\"}}\n{\"event\":\"ACPI_DEVICE_OST\",\"data\":{\"info\":{\"source\":3,\"status\":1,\"device\":\"d\",\"slot\":\"0\"}}}\n{\"return\":{},\"id\":\"$id\"}",
        "stop\n{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":\"nope\",\"path\":\"/machine/x/lapic\"}}\n{\"event\":\"DEVICE_TRAY_MOVED\",\"data\":{\"id\":\"virtio-disk0\",\"tray-open\":true}}\n{\"event\":\"MEMORY_DEVICE_SIZE_CHANGE\",\"data\":{\"id\":\"dimm0\",\"size\":1048576}}\n{\"event\":\"DEVICE_UNPLUG_GUEST_ERROR\",\"data\":{\"path\":\"/x\"}}\n{\"event\":\"MEM_UNPLUG_ERROR\",\"data\":{\"device\":\"dimm0\",\"msg\":\"x\"}}\n{\"return\":{},\"id\":\"$id\"}",
        "stop\n{\"event\":\"SUSPEND\"}\n{\"event\":\"WAKEUP\"}\n{\"event\":\"SUSPEND_DISK\"}\n{\"event\":\"\\ud800\"}\n{\"return\":1,\"id\":99}\n{\"return\":{},\"id\":\"$id\"}",
        "status\n{\"return\":{\"status\":\"paused\",\"running\":false},\"id\":\"$id\"}",
        "status\n{\"return\":{\"status\":\"io-error\"},\"id\":\"$id\"}",
        "reply\n[{\"label\":\"charserial0\",\"filename\":\"pty:/dev/pts/3\",\"frontend-open\":true}]\n[{\"id\":\"default\",\"server\":[{\"host\":\"127.0.0.1\",\"service\":\"5900\",\"websocket\":false}]}]\n[{\"type\":\"dimm\",\"data\":{\"id\":\"dimm0\",\"addr\":4294967296,\"size\":134217728}}]",
        "probe\n[{\"name\":\"pc\",\"alias\":\"q\",\"cpu-max\":255,\"is-default\":true,\"deprecated\":false,\"default-cpu-type\":\"qemu64-x86_64-cpu\",\"default-ram-id\":\"pc.ram\"}]\n[{\"name\":\"qemu64\",\"deprecated\":false,\"unavailable-features\":[\"a\"],\"type\":\"bool\"}]",
        "line\n{\"QMP\":{\"version\":{}}}\n{\"return\":{},\"id\":1}\n{\"event\":\"X\",\"data\":{\"a\":\"\\uD83D\\uDE00\"}}\n{\"error\":{\"class\":\"a\",\"desc\":\"\\ud800\"},\"id\":2}",
    ]).Select(Encoding.UTF8.GetBytes);

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        string[] lines = text.Split('\n');
        try
        {
            return lines[0] switch
            {
                "reply" => Reply(lines),
                "probe" => Probe(lines),
                var job when _jobs.TryGetValue(job, out var work) => $"{job} {await SuperviseAsync(work, lines[1..])}",
                _ => Lines(input),
            };
        }
        catch (VirtException refused)
        {
            return $"{lines[0]} {Outcome.Of(refused)}";
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_root, recursive: true);
        await base.DisposeAsync();
    }

    private static string Lines(byte[] input)
    {
        List<string> kinds = [];
        int begin = 0;
        for (int i = 0; i <= input.Length; i++)
        {
            if (i < input.Length && input[i] != (byte)'\n')
                continue;
            try
            {
                QmpMessage message = QmpMessage.Parse(input.AsSpan(begin, i - begin));
                kinds.Add($"{message.Kind} {message.Id is not null} {message.Text("desc").Length > 0} {new QmpEvent("X", message.Body).Text("a")?.Length}");
            }
            catch (JsonException malformed)
            {
                kinds.Add(Outcome.Shape(malformed.Message));
            }

            begin = i + 1;
        }

        return string.Join('|', kinds.Take(4));
    }

    /// <summary>What a starting guest is asked.</summary>
    private string Reply(string[] lines)
    {
        var guest = GuestDefinition.Parse(_live.Parse(), EveryQemu.Capabilities);
        QemuCommandLine plan = QemuCommandLine.Build(guest, EveryQemu.Capabilities, Paths);
        int at = 1;
        foreach (PostStartCommand command in plan.PostStart.Where(command => command.Reply is not null))
        {
            if (Element(lines.ElementAtOrDefault(at++)) is { } answer)
                command.Reply!(answer);
        }

        string xml = guest.ToXml(live: true);
        FuzzViolation.Unless(!xml.Contains("<source path=\"/etc", StringComparison.Ordinal), "a pty that is no terminal was taken");
        _ = GuestDefinition.ParseLive(DomainDefinition.Parse(xml), EveryQemu.Capabilities);
        return $"reply {xml.Length / 64}";
    }

    /// <summary>What an emulator is asked of itself; the probe makes these errors its own.</summary>
    private static string Probe(string[] lines)
    {
        try
        {
            if (Element(lines.ElementAtOrDefault(1)) is { } first)
                _ = QemuReplies.Machines(first).Count;
            if (Element(lines.ElementAtOrDefault(2)) is { } second)
                _ = QemuReplies.CpuModels(second).Count + QemuReplies.Types(second).Count + QemuReplies.Features(second).Count;
            return "probed";
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            return $"probe {Outcome.Shape(malformed.Message)}";
        }
    }

    private static JsonElement? Element(string? line)
    {
        try
        {
            // As it is inside a message, with what is checked of one.
            return line is null ? null : QmpMessage.Parse(Encoding.UTF8.GetBytes($"{{\"return\":{line}}}")).Body;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A supervisor with a running guest, its process being this one; nothing here ends it.</summary>
    private async Task<string> SuperviseAsync(Func<DomainSupervisor, GuestRun, Task> work, string[] script)
    {
        string folder = Path.Combine(_root, (_runs++ % 64).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        var domain = new DomainSupervisor(_host.Services, _live);
        using QemuProcess process = _host.Services.Launcher.Adopt(_self)!;
        var run = new GuestRun(1, folder, DateTimeOffset.UnixEpoch, _live) { Process = process, StopReason = DomainStateReason.Failed };
        domain.Attach(run, DomainState.Running, DomainStateReason.Booted);
        await using var monitor = new LyingMonitor(run.MonitorPath, script);
        string outcome;
        try
        {
            await work(domain, run);
            outcome = $"done {domain.Record.State}";
        }
        catch (VirtException refused)
        {
            outcome = Outcome.Of(refused);
        }

        if (run.Monitor is { } client)
        {
            await client.DisposeAsync();
            string reason = await client.Closed;
            FuzzViolation.Unless(!reason.Contains("could not be handled", StringComparison.Ordinal), reason);
        }

        domain.Detach(run, DomainStateReason.Destroyed, null);
        // Jobs that events have begun are over before the next run.
        using (await domain.Jobs.AcquireAsync(domain.Name, "end", CancellationToken.None))
            _log.Check();
        return outcome;
    }
}
