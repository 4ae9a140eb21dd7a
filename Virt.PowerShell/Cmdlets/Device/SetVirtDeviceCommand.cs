using System.Collections;
using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Changes devices of any type.</summary>
[Cmdlet(VerbsCommon.Set, "VirtDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = PropertySet)]
[OutputType(typeof(VirtDevice), typeof(VirtDisk), typeof(VirtNic))]
public sealed class SetVirtDeviceCommand : DeviceEditCommand
{
    private const string PropertySet = "Property";
    private const string XmlSet = "Xml";

    private XElement? _wanted;

    /// <summary>Types, as graphics or watchdog.</summary>
    [Parameter(ParameterSetName = PropertySet, Position = 1)]
    [ArgumentCompleter(typeof(DeviceTemplateCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <summary>What is changed, as @{ Action = 'poweroff' }.</summary>
    [Parameter(ParameterSetName = PropertySet, Mandatory = true, Position = 2)]
    [ValidateNotNullOrEmpty]
    public IDictionary Property { get; set; } = new Hashtable();

    /// <summary>Aliases, also with wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeviceAliasCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Alias { get; set; }

    /// <summary>The element as it is to be; the device is found by its alias, its target, its MAC address, or by its type alone.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true)]
    [ValidateNotNull]
    public DomainXml? Xml { get; set; }

    internal override string Kind => _wanted?.Name.LocalName ?? (Type is null ? "" : DeviceTypes.Element(Type));

    internal override DeviceQuery Query => new(Kind.Length == 0 ? null : [Kind], Inactive: Scope == ChangeScope.Config);

    internal override string Example => "Give what is changed, for example -Property @{ Action = 'poweroff' }, or -Xml.";

    internal override IEnumerable<DeviceEdit> Edits()
    {
        if (ParameterSetName == XmlSet)
        {
            _wanted = DeviceXml.Parse(Xml!);
            yield return new DeviceEdit("the definition", device => device.ReplaceAll(_wanted.Attributes(), _wanted.Nodes()));
            yield break;
        }

        // A key that no type has is told before anything is asked of a host.
        if (Type is not null)
            DeviceTemplates.For(Type).Apply(new XElement("probe"), Property);
        string words = string.Join(", ", Property.Keys.Cast<object>().Select(key => key.ToString()));
        yield return new DeviceEdit(words, device => DeviceTemplates.For(device.Name.LocalName).Apply(device, Property));
    }

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        VirtDevice[] all = [.. devices];
        if (given is not null)
            all = [.. this.Current<VirtDevice>(domain, given, devices)];
        else if (Alias is not null)
            all = [.. this.Choose(domain, devices, Alias, device => device.Alias, "device")];
        else if (_wanted is not null)
            all = [.. DeviceXml.Same(domain, _wanted, devices)];
        if (all.Length == 1 || ((given ?? (object?)Alias) is not null && _wanted is null))
            return all;
        Fail(
            VirtException.Create(
                all.Length == 0 ? VirtErrorCode.DeviceMissing : VirtErrorCode.InvalidArgument,
                $"the domain '{domain.Name}' has {(all.Length == 0 ? "no" : all.Length)} {(Kind.Length == 0 ? "device" : Kind)}{(all.Length > 1 ? "s" : "")} that could be meant",
                domain.Name, $"Say which with -Alias, or pipe it: Get-VirtDevice '{domain.Name}'."),
            domain);
        return [];
    }

    internal override VirtException? Refuse(VirtDevice device)
    {
        try
        {
            DeviceEdit.Apply(device.Element, Edits());
            return null;
        }
        catch (FormatException malformed)
        {
            return new VirtException(VirtErrorCode.InvalidArgument, malformed.Message);
        }
    }
}
