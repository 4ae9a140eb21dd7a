using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>
/// One run of a domain, from the start of its process to its end. What is settable is written under the supervisor's lock.
/// </summary>
internal sealed class GuestRun(int id, string folder, DateTimeOffset startedAt, StoredDefinition live)
{
    private GuestDevices? _devices;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The runtime id.</summary>
    public int Id => id;

    /// <summary>The folder of its sockets.</summary>
    public string Folder => folder;

    /// <summary>The monitor's socket.</summary>
    public string MonitorPath => MonitorPathIn(folder);

    /// <summary>The file QEMU writes its pid to.</summary>
    public string PidFile => PidFileIn(folder);

    /// <summary>When the run began.</summary>
    public DateTimeOffset StartedAt => startedAt;

    /// <summary>The live definition.</summary>
    public StoredDefinition Live { get; set; } = live;

    /// <summary>The devices of the live definition, as statistics need them.</summary>
    public GuestDevices Devices => _devices is { } known && known.Definition == Live ? known : _devices = GuestDevices.From(Live);

    /// <summary>The process; null only before it is started.</summary>
    public QemuProcess? Process { get; set; }

    /// <summary>The monitor; null while it is not connected.</summary>
    public QmpClient? Monitor { get; set; }

    /// <summary>Guards <see cref="Connecting"/>.</summary>
    public Lock ConnectingLock { get; } = new();

    /// <summary>The connection to the monitor that is being made, or was last.</summary>
    public Task<QmpClient>? Connecting { get; set; }

    /// <summary>How far it has come.</summary>
    public RunPhase Phase { get; set; }

    /// <summary>Whether it stays paused when its start is done.</summary>
    public bool StartPaused { get; set; }

    /// <summary>What the host gave it; null when an earlier daemon started it, then the live definition tells.</summary>
    public IReadOnlyList<IHostResource>? Resources { get; set; }

    /// <summary>Whether it ends with the connection that started it.</summary>
    public bool AutoDestroy { get; set; }

    /// <summary>The balloon's target, in bytes.</summary>
    public long Memory { get; set; } = live.Memory;

    /// <summary>Why we end it; null while nobody does.</summary>
    public DomainStateReason? StopReason { get; set; }

    /// <summary>The reason the next RESUME event has.</summary>
    public DomainStateReason? NextRunningReason { get; set; }

    /// <summary>The reason the next STOP event has.</summary>
    public DomainStateReason? NextPausedReason { get; set; }

    /// <summary>Whether the guest's next power off is half of a reboot that was asked for.</summary>
    public bool Rebooting { get; set; }

    /// <summary>Completed by the MIGRATION event that ends a save or restore, with its status.</summary>
    public TaskCompletionSource<string>? Transfer { get; set; }

    /// <summary>Devices whose removal is awaited, by path; completed by DEVICE_DELETED (true) or a refusal (false).</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource<bool>> Unplugging { get; } = new();

    /// <summary>Trays that a guest is asked to open, by device id; completed when it has.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> Trays { get; } = new();

    /// <summary>Who uses its consoles.</summary>
    public ConsoleUsers Consoles { get; } = new();

    /// <summary>Completes when the process has ended and the domain's state says so.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The monitor's socket in a run's folder.</summary>
    public static string MonitorPathIn(string folder) => Path.Combine(folder, "monitor.sock");

    /// <summary>The pid file in a run's folder.</summary>
    public static string PidFileIn(string folder) => Path.Combine(RunFolder.OwnOf(folder), "qemu.pid");

    /// <summary>The live definition, read anew.</summary>
    public DomainDefinition ParseLive() => Live.Parse();

    /// <summary>Whether a device of the live definition has this alias.</summary>
    public bool HasAlias(string alias) => Devices.Aliases.Contains(alias);

    /// <summary>Says that it has ended.</summary>
    public void SetEnded() => _ended.TrySetResult();
}
