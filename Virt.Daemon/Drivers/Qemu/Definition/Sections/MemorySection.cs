using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>memory</c>, <c>currentMemory</c>, <c>memoryBacking</c>: how much, and what it is made of on the host.</summary>
internal sealed class MemorySection : GuestSection
{
    private readonly bool _locked;
    private readonly bool _mergeable = true;
    private readonly bool _anonymousFile;
    private readonly bool _shared;
    private readonly bool _immediate;

    public MemorySection(GuestContext context)
        : base(context)
    {
        context.General.MaximumMemory = context.General.MaximumMemory;
        context.General.Memory = context.General.Memory;
        if (context.General.Root.Element("maxMemory") is { } maximum)
            throw XmlFault.Unsupported(maximum, "memory that is plugged while the guest runs is not supported by this version");
        if (context.General.Root.Element("memoryBacking") is not { } backing)
            return;
        if (backing.Element("hugepages") is { } pages)
            throw XmlFault.Unsupported(pages, "huge pages are not supported by this version");
        if (backing.Element("source")?.Choice("type", "file", "anonymous", "memfd") == "file")
            throw XmlFault.Unsupported(
                backing.Element("source")!, "memory in a file is not supported by this version", "Use type='memfd'.");
        _anonymousFile = backing.Element("source")?.Text("type") == "memfd";
        _shared = backing.Element("access")?.Choice("mode", "shared", "private") == "shared";
        if (_shared && !_anonymousFile)
            throw XmlFault.Unsupported(backing.Element("access")!, "shared memory needs the source type 'memfd'");
        _immediate = backing.Element("allocation")?.Choice("mode", "immediate", "ondemand") == "immediate";
        _locked = backing.Element("locked") is not null;
        _mergeable = backing.Element("nosharepages") is null;
    }

    private string BackingId => Context.Machine.DefaultRamId ?? "pc.ram";

    private bool HasBacking => _anonymousFile || _immediate;

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        arguments.Machine.With("mem-merge", _mergeable ? null : false).With("memory-backend", HasBacking ? BackingId : null);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        long kibibytes = (Context.General.MaximumMemory + 1023) / 1024;
        arguments.Add("-m", new OptionString().With("size", $"{kibibytes}k"));
        arguments.Add("-overcommit", new OptionString().With("mem-lock", _locked));
        if (!HasBacking)
            return;
        JsonObject backing = JsonProperties.Object(_anonymousFile ? "memory-backend-memfd" : "memory-backend-ram", BackingId)
            .With("share", _shared ? true : null).With("prealloc", _immediate ? true : null).With("size", kibibytes * 1024);
        arguments.AddObject(backing);
    }
}
