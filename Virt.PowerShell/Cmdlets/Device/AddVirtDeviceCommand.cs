using System.Collections;
using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Adds devices of any type to domains.</summary>
[Cmdlet(VerbsCommon.Add, "VirtDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = TypeSet)]
[OutputType(typeof(VirtDevice), typeof(VirtDisk), typeof(VirtNic))]
public sealed class AddVirtDeviceCommand : DeviceChangeCommand
{
    private const string TypeSet = "Type";
    private const string XmlSet = "Xml";

    private readonly List<XElement> _devices = [];

    /// <summary>The type, as Rng, Memory, Watchdog, HostDev.</summary>
    [Parameter(ParameterSetName = TypeSet, Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(DeviceTemplateCompleter))]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>What the device is to be, as @{ Size = 1GB }; what is not said is as usual for the type.</summary>
    [Parameter(ParameterSetName = TypeSet, Position = 2)]
    [ValidateNotNull]
    public IDictionary Property { get; set; } = new Hashtable();

    /// <summary>Elements of devices, as they stand under devices in domain XML.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public DomainXml[] Xml { get; set; } = [];

    internal override string Kind => _devices.Count > 0 ? _devices[0].Name.LocalName : "";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            if (ParameterSetName == XmlSet)
                _devices.AddRange(Xml.Select(DeviceXml.Parse));
            else
                _devices.Add(DeviceTemplates.For(Type).Build(Property));
        }
        catch (Exception malformed) when (malformed is FormatException or VirtException or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                malformed is FormatException ? new VirtException(VirtErrorCode.InvalidArgument, malformed.Message) : malformed, null));
        }
    }

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        XElement[] agreed = [.. _devices.Where(device => Agreed(domain, $"Add {DeviceXml.InWords(device)} to domain '{domain.Name}'"))];
        BeginEach(agreed, (device, cancel) => AttachAsync(domain, device, cancel));
    }

    private async Task AttachAsync(VirtDomain domain, XElement device, CancellationToken cancel)
    {
        string xml = device.ToString();
        DeviceChange change = await CallAsync(
            domain, "AttachDevice", (driver, token) => driver.AttachDeviceAsync(domain.Uuid, xml, Scope, token), cancel)
            .ConfigureAwait(false);
        Tell(change);
        Emit(After(domain, device.Name.LocalName, change));
    }
}
