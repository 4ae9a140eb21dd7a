using Virt.Domains;
using Virt.Drivers;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>
/// A domain as it was when it was asked for, on its host. <see cref="Refresh"/> asks again. As with all objects, its texts are visible
/// ones (<see cref="VisibleText"/>), whatever the host sent.
/// </summary>
public sealed class VirtDomain : IDomainColumns
{
    private DomainRecord _record;

    internal VirtDomain(VirtHost host, DomainRecord record)
    {
        VirtHost = host;
        _record = record;
        Uptime = UptimeOf(record);
    }

    /// <summary>Its name.</summary>
    public string Name => VisibleText.Line(_record.Name);

    /// <summary>Its name, as Hyper-V's cmdlets call it.</summary>
    public string VMName => Name;

    /// <summary>Its runtime id; null when it is off.</summary>
    public int? Id => _record.Id;

    /// <summary>Its identity for life.</summary>
    public Guid Uuid => _record.Uuid;

    /// <summary>Its state.</summary>
    public DomainState State => _record.State;

    /// <summary>Why it is in that state.</summary>
    public DomainStateReason Reason => _record.Reason;

    /// <summary>Virtual CPUs.</summary>
    public int VCpu => _record.VCpu;

    /// <summary>The most virtual CPUs without a restart.</summary>
    public int MaximumVCpu => _record.MaximumVCpu;

    /// <summary>Memory in bytes.</summary>
    public long Memory => _record.Memory;

    /// <summary>Memory in GiB, with three digits.</summary>
    public double MemoryGB => Math.Round((double)Memory / (1L << 30), 3);

    /// <summary>The most memory without a restart, in bytes.</summary>
    public long MaximumMemory => _record.MaximumMemory;

    /// <summary>How long it had run when it was asked for; null when off.</summary>
    public TimeSpan? Uptime { get; private set; }

    /// <summary>When this run began; null when off.</summary>
    public DateTimeOffset? StartedAt => _record.StartedAt;

    /// <summary>CPU time used by this run.</summary>
    public TimeSpan CpuTime => _record.CpuTime;

    /// <summary>Whether its definition outlives the run.</summary>
    public bool Persistent => _record.Persistent;

    /// <summary>Whether it starts with its host.</summary>
    public bool Autostart => _record.Autostart;

    /// <summary>Whether a managed save exists, from which the next start resumes.</summary>
    public bool HasSavedState => _record.HasSavedState;

    /// <summary>Whether it has snapshots.</summary>
    public bool HasSnapshot => _record.HasSnapshot;

    /// <summary>Its title, or null.</summary>
    public string? Title => VisibleText.Line(_record.Title);

    /// <summary>Its description, or null.</summary>
    public string? Description => VisibleText.Lines(_record.Description);

    /// <summary>The accelerator: kvm or qemu.</summary>
    public string Type => VisibleText.Line(_record.Type);

    /// <summary>The guest's architecture.</summary>
    public string Architecture => VisibleText.Line(_record.Architecture);

    /// <summary>The machine type.</summary>
    public string Machine => VisibleText.Line(_record.Machine);

    /// <summary>The host it is on.</summary>
    public VirtHost VirtHost { get; }

    /// <summary>The host's name.</summary>
    public string HostName => VirtHost.Name;

    string IDomainColumns.MemoryText => ViewText.Size(Memory);

    string IDomainColumns.MaximumMemoryText => ViewText.Size(MaximumMemory);

    string IDomainColumns.UptimeText => ViewText.Duration(Uptime);

    string IDomainColumns.CpuTimeText => ViewText.Duration(CpuTime);

    internal DomainRecord Record => _record;

    internal bool IsActive => _record.IsActive;

    /// <summary>Asks the host again.</summary>
    public void Refresh() => Take((driver, cancel) => driver.GetDomainByUuidAsync(Uuid, cancel));

    /// <summary>Starts it.</summary>
    public void Start() => Take((driver, cancel) => driver.StartDomainAsync(Uuid, StartOptions.None, cancel));

    /// <summary>Asks the guest to shut down and returns at once.</summary>
    public void Shutdown() => Take((driver, cancel) => driver.ShutdownDomainAsync(Uuid, ShutdownMode.Default, cancel));

    /// <summary>Turns it off.</summary>
    public void TurnOff() => Take((driver, cancel) => driver.DestroyDomainAsync(Uuid, DestroyOptions.None, cancel));

    /// <summary>Pauses it.</summary>
    public void Suspend() => Take((driver, cancel) => driver.SuspendDomainAsync(Uuid, cancel));

    /// <summary>Lets it run again.</summary>
    public void Resume() => Take((driver, cancel) => driver.ResumeDomainAsync(Uuid, cancel));

    /// <summary>Asks the guest to reboot and returns at once.</summary>
    public void Reboot() => Take((driver, cancel) => driver.RebootDomainAsync(Uuid, ShutdownMode.Default, cancel));

    /// <summary>Resets the machine.</summary>
    public void Reset() => Take((driver, cancel) => driver.ResetDomainAsync(Uuid, cancel));

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    private void Take(Func<IHypervisorDriver, CancellationToken, ValueTask<DomainRecord>> call)
    {
        _record = Blocking.Run(cancel => VirtHost.CallAsync((connection, token) => call(connection.Hypervisor, token), cancel));
        Uptime = UptimeOf(_record);
    }

    private static TimeSpan? UptimeOf(DomainRecord record)
    {
        if (record.StartedAt is not { } start)
            return null;
        TimeSpan uptime = DateTimeOffset.UtcNow - start;
        // The host's clock may be ahead of ours.
        return uptime < TimeSpan.Zero ? TimeSpan.Zero : uptime;
    }
}
