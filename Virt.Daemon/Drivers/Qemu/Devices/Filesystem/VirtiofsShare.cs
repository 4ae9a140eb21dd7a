using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A filesystem with <c>driver type='virtiofs'</c>: what virtiofsd is told, or the socket of one that somebody else
/// runs.</summary>
internal sealed class VirtiofsShare
{
    /// <summary>The device the guest sees.</summary>
    public const string Driver = "vhost-user-fs-pci";

    private readonly XElement? _binary;
    private readonly string _folder = "";

    public VirtiofsShare(XElement element, GuestContext context)
    {
        context.RequireDevice(element, Driver);
        XElement source = element.Element("source") ?? throw XmlFault.Invalid(element, "the element source is missing");
        Socket = source.AbsolutePath("socket");
        foreach (string attribute in (ReadOnlySpan<string>)["model", "multidevs", "fmode", "dmode"])
        {
            if (element.Attribute(attribute) is { } unknown && unknown.Value != "default")
                throw XmlFault.Unsupported(unknown, $"virtiofs has no {attribute}");
        }

        if (element.Element("driver")!.Attribute("format") is { } format)
            throw XmlFault.Unsupported(format, "virtiofs has no format");
        QueueSize = element.Element("driver")!.Number("queue", 0, ushort.MaxValue) is > 0 and var size ? size : null;
        if (!SharesMemory(context.General.Root))
        {
            throw XmlFault.Unsupported(
                element, "virtiofs needs guest memory that other processes can share",
                "Add <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>.");
        }

        if (Socket is not null)
            return;
        _folder = source.AbsolutePath("dir")
            ?? throw XmlFault.Invalid(source, "the attribute dir (the folder of the host) or socket is missing");
        _binary = element.Element("binary");
        CheckOwn(element, source, context);
    }

    /// <summary>The socket of a virtiofsd that runs already; null for one of our own.</summary>
    public string? Socket { get; }

    /// <summary>How many requests the queue takes; null for QEMU's default.</summary>
    public long? QueueSize { get; }

    /// <summary>The program; null when the host has none.</summary>
    public string? Program => _binary?.AbsolutePath("path") ?? VirtiofsPrograms.Find();

    /// <summary>What it is told.</summary>
    /// <param name="descriptor">On which it finds its listening socket.</param>
    public List<string> Arguments(int descriptor)
    {
        List<string?> options =
        [
            // A device file in the folder would be as good as the device to whoever may open it on the host; virtd may make none either.
            $"source={_folder}", "modcaps=-mknod", Option("cache", _binary?.Element("cache")?.Choice("mode", "none", "always")),
            Option("sandbox", _binary?.Element("sandbox")?.Choice("mode", "namespace", "chroot")),
            Switch("xattr", _binary?.Flag("xattr")), Switch("flock", _binary?.Element("lock")?.Flag("flock")),
            Switch("posix_lock", _binary?.Element("lock")?.Flag("posix")),
        ];
        List<string> arguments = [$"--fd={descriptor}", "-o", string.Join(',', options.OfType<string>())];
        if (Threads() is { } threads)
            arguments.Add($"--thread-pool-size={threads}");
        return arguments;
    }

    private void CheckOwn(XElement element, XElement source, GuestContext context)
    {
        if (element.Element("readonly") is { } readOnly)
            throw XmlFault.Unsupported(readOnly, "virtiofs cannot be read-only", "Mount it read-only in the guest, or use driver type='path'.");
        if ((element.Choice("accessmode", "passthrough", "mapped", "squash") ?? "passthrough") != "passthrough")
            throw XmlFault.Unsupported(element.Attribute("accessmode")!, "virtiofs has only accessmode='passthrough'");
        element.SetAttributeValue("accessmode", "passthrough");
        if (element.Element("driver")!.Attribute("wrpolicy") is { } policy)
            throw XmlFault.Unsupported(policy, "virtiofs has no wrpolicy");
        _ = Arguments(0);
        if (_folder.AsSpan().ContainsAny(',', '\\'))
            context.FailStart(source, "virtiofsd takes no folder with a comma or backslash in its name", "Use another name, or driver type='path'.");
        if (element.Element("idmap") is { } map)
            context.FailStart(map, "this version does not map the ids of a virtiofs filesystem", "Remove the element.");
        if (_binary?.AbsolutePath("path") is { } named && !context.Host.Programs.SharedFolders.Has(named))
        {
            ProgramList known = context.Host.Programs.SharedFolders;
            context.FailStart(_binary.Attribute("path")!, known.Refusal(named), known.Advice(named));
        }
        else if (Program is null)
            context.FailStart(element, "virtiofsd is not installed on this host", "Install the package virtiofsd (Debian 12: qemu-system-common).");
        if (!Environment.IsPrivilegedProcess)
            context.FailStart(element, "virtiofsd needs the system's daemon: files of many users pass through it", "Use qemu:///system, or driver type='path'.");
    }

    private int? Threads() => _binary?.Element("thread_pool") is { } pool
        ? pool.Integer("size", 0, 1024) ?? throw XmlFault.Invalid(pool, "the attribute size is missing")
        : null;

    private static string? Option(string name, string? value) => value is null ? null : $"{name}={value}";

    private static string? Switch(string name, bool? on) => on switch
    {
        null => null,
        true => name,
        false => $"no_{name}",
    };

    private static bool SharesMemory(XElement domain)
    {
        if (domain.Element("memoryBacking")?.Element("access")?.Text("mode") == "shared")
            return true;
        XElement[] cells = [.. domain.Element("cpu")?.Element("numa")?.Elements("cell") ?? []];
        return cells.Length > 0 && cells.All(cell => cell.Text("memAccess") == "shared");
    }
}
