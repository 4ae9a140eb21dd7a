using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Gets the consoles of domains: serial ports and screens, and where they are reached.</summary>
[Cmdlet(VerbsCommon.Get, "VirtConsole")]
[OutputType(typeof(VirtConsole))]
public sealed class GetVirtConsoleCommand : DeviceCommand
{
    /// <summary>Only those of these types.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public VirtConsoleType[]? Type { get; set; }

    /// <summary>With the passwords of screens; not on a read-only connection.</summary>
    [Parameter]
    public SwitchParameter IncludePassword { get; set; }

    internal override DeviceQuery Query => new(["console", "serial", "parallel", "graphics"]);

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        VirtDevice[] screens = [.. devices.Where(device => device.Type == "graphics")];
        string?[] passwords = IncludePassword && screens.Length > 0 ? Passwords(domain) : [];
        foreach (VirtDevice device in devices.OrderBy(device => device.Type == "graphics"))
        {
            int screen = Array.IndexOf(screens, device);
            string? password = screen >= 0 && screen < passwords.Length ? passwords[screen] : null;
            if (VirtConsole.Of(device, devices, password) is { } console && Type?.Contains(console.Type) != false)
                WriteObject(console);
        }
    }

    private string?[] Passwords(VirtDomain domain)
    {
        try
        {
            string xml = Await(cancel => CallAsync(
                domain, "GetDomainXml", (driver, token) => driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.Secure, token), cancel));
            return [.. XElement.Parse(xml).Elements("devices").Elements("graphics").Select(screen => (string?)screen.Attribute("passwd"))];
        }
        catch (Errors.VirtException failure)
        {
            Fail(failure, domain);
            return [];
        }
    }
}
