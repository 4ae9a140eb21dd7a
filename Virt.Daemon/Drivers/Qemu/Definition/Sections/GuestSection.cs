using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>
/// A part of the definition outside <c>devices</c>. A subclass is all there is to it: its constructor reads, checks and writes
/// defaults back; the rest is its part of the command line.
/// </summary>
internal abstract class GuestSection(GuestContext context)
{
    /// <summary>The rest of the definition.</summary>
    protected GuestContext Context { get; } = context;

    /// <summary>What the host must give before QEMU starts.</summary>
    public virtual IEnumerable<IHostResource> Resources => [];

    /// <summary>The files of the host that QEMU opens for it, as far as they are not named in the definition.</summary>
    public virtual IEnumerable<GuestFile> Files => [];

    /// <summary>Adds to the options that sections share: -machine, -accel and -cpu.</summary>
    public virtual void AddShared(QemuArguments arguments)
    {
    }

    /// <summary>Completes a copy of the definition with what was decided for the running guest.</summary>
    public virtual void WriteLive(DomainDefinition copy)
    {
    }

    /// <summary>Adds options of its own.</summary>
    public virtual void AddTo(QemuArguments arguments)
    {
    }
}
