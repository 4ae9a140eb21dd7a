using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>redirfilter</c>: which USB devices may be redirected into the guest; it holds for all of its sockets.</summary>
internal sealed class RedirectionFilter : GuestDevice
{
    private const string Any = "-1";

    public RedirectionFilter(XElement element, GuestContext context)
        : base(element, context)
    {
        if (context.Of<RedirectionFilter>().Any())
            throw XmlFault.Invalid(element, "a domain has only one redirfilter");
        Rules = string.Join('|', element.Elements("usbdev").Select(Rule));
    }

    /// <summary>The rules as usb-redir takes them: <c>class:vendor:product:version:allow</c>, with <c>|</c> between them.</summary>
    public string Rules { get; }

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("redirfilter");

    private static string Rule(XElement rule)
    {
        bool allow = rule.Flag("allow") ?? throw XmlFault.Invalid(rule, "the attribute allow is missing");
        return string.Join(
            ':', Number(rule, "class", byte.MaxValue, "X2"), Number(rule, "vendor", ushort.MaxValue, "X4"),
            Number(rule, "product", ushort.MaxValue, "X4"), Version(rule), allow ? "1" : "0");
    }

    private static string Number(XElement rule, string attribute, long maximum, string format) =>
        rule.Number(attribute, -1, maximum) is >= 0 and var number
            ? "0x" + number.ToString(format, CultureInfo.InvariantCulture)
            : Any;

    /// <summary>A version as <c>1.10</c>, which USB writes in binary coded decimal.</summary>
    private static string Version(XElement rule)
    {
        if (rule.Attribute("version") is not { } version || version.Value == Any)
            return Any;
        string[] parts = version.Value.Split('.');
        if (parts.Length != 2 || !parts.All(part => part.Length is 1 or 2 && part.All(char.IsAsciiDigit)))
            throw XmlFault.Invalid(version, $"'{version.Value}' is not a version as 1.10");
        return $"0x{parts[0].PadLeft(2, '0')}{parts[1].PadRight(2, '0')}";
    }
}
