using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The password of VNC or SPICE: <c>passwd</c>, <c>passwdValidTo</c>, <c>connected</c>. It goes through the monitor, never
/// through the command line.</summary>
internal sealed class GraphicsPassword
{
    private const int MaximumForVnc = 8;
    private readonly string _protocol;
    private readonly string? _password;
    private readonly string? _connected;
    private readonly DateTimeOffset? _expires;

    public GraphicsPassword(XElement element)
    {
        _protocol = element.Text("type")!;
        _password = element.Text("passwd");
        if (_password is null)
            return;
        if (_protocol == "vnc" && _password.Length > MaximumForVnc)
        {
            throw XmlFault.Unsupported(
                element.Attribute("passwd")!,
                $"VNC compares only {MaximumForVnc} characters of a password, this one is longer");
        }

        _connected = element.Choice("connected", "keep", "disconnect", "fail");
        if (_protocol == "vnc" && _connected is "disconnect" or "fail")
            throw XmlFault.Unsupported(element.Attribute("connected")!, "VNC keeps those who are connected: connected='keep'");
        _expires = Expiry(element);
    }

    /// <summary>Whether there is one.</summary>
    public bool IsSet => _password is not null;

    /// <summary>What the monitor is told.</summary>
    public IEnumerable<PostStartCommand> Commands()
    {
        if (_password is null)
            yield break;
        yield return new PostStartCommand(
            "set_password",
            new JsonObject { ["protocol"] = _protocol, ["password"] = _password }.With("connected", _connected));
        string time = _expires is { } expires ? expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) : "never";
        yield return new PostStartCommand("expire_password", new JsonObject { ["protocol"] = _protocol, ["time"] = time });
    }

    private static DateTimeOffset? Expiry(XElement element)
    {
        if (element.Attribute("passwdValidTo") is not { } until)
            return null;
        return DateTimeOffset.TryParse(
            until.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw XmlFault.Invalid(until, $"'{until.Value}' is not a time as 2026-01-31T12:00:00");
    }
}
