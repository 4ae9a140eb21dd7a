using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>
/// <c>reservations</c> of a SCSI unit: QEMU has a helper with the privileges for it make the guest's persistent reservations, the
/// guest's own one or one that somebody else runs.
/// </summary>
internal sealed class Reservations
{
    private readonly string? _socket;

    private Reservations(XElement element)
    {
        IsManaged = element.Flag("managed") ?? throw XmlFault.Invalid(element, "the attribute managed is missing");
        XElement? source = element.Element("source");
        if (IsManaged && source is not null)
            throw XmlFault.Invalid(source, "a managed helper has no source");
        if (IsManaged)
            return;
        _ = source?.Choice("type", "unix");
        _ = source?.Choice("mode", "client");
        _socket = source?.AbsolutePath("path") ?? throw XmlFault.Invalid(element, "an unmanaged helper needs a source with a path");
    }

    /// <summary>Whether the guest has a helper of its own.</summary>
    public bool IsManaged { get; }

    /// <summary>Reads the reservations of a source; null without.</summary>
    public static Reservations? Read(XElement source) => source.Element("reservations") is { } element ? new Reservations(element) : null;

    /// <summary>Adds the object, once for all disks with the managed helper, and returns its id.</summary>
    public string AddTo(QemuArguments arguments, string node)
    {
        string id = IsManaged ? ReservationHelper.Id : $"pr-helper-{node}";
        if (!IsManaged || !arguments.Parts.Any(part => part.Option == "-object" && (string?)part.Value["id"] == id))
        {
            arguments.AddObject(JsonProperties.Object("pr-manager-helper", id)
                .With("path", _socket ?? ReservationHelper.SocketIn(arguments.Paths.RunFolder)));
        }

        return id;
    }
}
