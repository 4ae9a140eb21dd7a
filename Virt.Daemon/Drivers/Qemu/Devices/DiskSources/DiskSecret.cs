using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A reference to a secret, by <c>uuid</c> or by <c>usage</c>, and its value once it was looked up.</summary>
internal sealed class DiskSecret
{
    private readonly XElement _element;
    private readonly string _usageType;
    private readonly Guid? _uuid;
    private readonly string? _usage;

    /// <summary>Reads the reference.</summary>
    /// <param name="element">The <c>secret</c> element.</param>
    /// <param name="usageType">What the secret is for, as <c>volume</c>.</param>
    public DiskSecret(XElement element, string usageType)
    {
        _element = element;
        _usageType = usageType;
        _usage = element.Text("usage");
        if (element.Attribute("uuid") is { } uuid)
            _uuid = Guid.TryParse(uuid.Value, out Guid id) ? id : throw XmlFault.Invalid(uuid, $"'{uuid.Value}' is not a uuid");
        if (_uuid is null == _usage is null)
            throw XmlFault.Invalid(element, "it needs one of the attributes uuid and usage");
    }

    /// <summary>The value; null before it was looked up.</summary>
    public byte[]? Value { get; private set; }

    /// <summary>Looks the value up.</summary>
    public void Prepare(GuestPreparation host)
    {
        try
        {
            Value = _uuid is { } uuid ? host.Secrets.Use(uuid) : host.Secrets.Use(_usageType, _usage!);
        }
        catch (Errors.VirtException missing)
        {
            throw Errors.VirtException.Create(
                missing.Code, $"line {_element.Line()}: <secret>: {missing.Message}", missing.Target, missing.RecommendedAction, missing);
        }
    }
}
