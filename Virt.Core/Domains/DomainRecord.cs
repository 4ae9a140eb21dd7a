using Virt.Rpc;

namespace Virt.Domains;

/// <summary>A domain as a list returns it: a snapshot of all that is cheap to know, without its XML.</summary>
/// <param name="Name">Its name, unique on its host.</param>
/// <param name="Uuid">Its identity for life.</param>
/// <param name="Id">Its runtime id, positive and growing, while it is active; null when it is off.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">Why it is in that state.</param>
/// <param name="Memory">Memory now (balloon target when active, else what the next start gives), in bytes.</param>
/// <param name="MaximumMemory">The most memory it may have without a restart, in bytes.</param>
/// <param name="VCpu">Virtual CPUs now.</param>
/// <param name="MaximumVCpu">The most virtual CPUs it may have without a restart.</param>
/// <param name="Persistent">Whether a definition outlives its run.</param>
/// <param name="Autostart">Whether the daemon starts it with the host.</param>
/// <param name="HasSavedState">Whether a managed save exists, from which the next start resumes.</param>
/// <param name="HasSnapshot">Whether it has snapshots.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Description">Its description, or null.</param>
/// <param name="StartedAt">When this run began; null when off.</param>
/// <param name="CpuTime">CPU time used by this run; zero when off.</param>
/// <param name="Type">The accelerator: <c>kvm</c> or <c>qemu</c> (TCG), <c>test</c> for the test driver.</param>
/// <param name="Architecture">The guest's architecture, as <c>x86_64</c>.</param>
/// <param name="Machine">The machine type, as <c>pc-q35-7.2</c>.</param>
[Wire]
public sealed record DomainRecord(
    string Name,
    Guid Uuid,
    int? Id,
    DomainState State,
    DomainStateReason Reason,
    long Memory,
    long MaximumMemory,
    int VCpu,
    int MaximumVCpu,
    bool Persistent,
    bool Autostart,
    bool HasSavedState,
    bool HasSnapshot,
    string? Title,
    string? Description,
    DateTimeOffset? StartedAt,
    TimeSpan CpuTime,
    string Type,
    string Architecture,
    string Machine) : ISubject
{
    Subject ISubject.Subject => new("domain", Name, Uuid);

    /// <summary>Whether it is active: in any state but off.</summary>
    public bool IsActive => Id is not null;
}
