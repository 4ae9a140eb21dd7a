using System.Management.Automation;
using System.Xml;
using Virt.Domains;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Gets the definition of domains as libvirt's domain XML.</summary>
[Cmdlet(VerbsCommon.Get, "VirtXml")]
[OutputType(typeof(XmlDocument), typeof(string))]
public sealed class GetVirtXmlCommand : DomainCommand
{
    /// <summary>The definition of the next start, also while the domain is active.</summary>
    [Parameter]
    public SwitchParameter Inactive { get; set; }

    /// <summary>With passwords; not on a read-only connection.</summary>
    [Parameter]
    public SwitchParameter Secure { get; set; }

    /// <summary>Without what is tied to this host.</summary>
    [Parameter]
    public SwitchParameter Migratable { get; set; }

    /// <summary>Returns the text, with character references for what is not visible: it means the same.</summary>
    [Parameter]
    [Alias("AsString")]
    public SwitchParameter Raw { get; set; }

    internal override async Task WorkAsync(VirtDomain domain, CancellationToken cancel)
    {
        XmlOptions options = (Inactive ? XmlOptions.Inactive : 0) | (Secure ? XmlOptions.Secure : 0)
            | (Migratable ? XmlOptions.Migratable : 0);
        string xml = await CallAsync(
            domain, "GetDomainXml", (driver, token) => driver.GetDomainXmlAsync(domain.Uuid, options, token), cancel)
            .ConfigureAwait(false);
        Emit(Raw ? VisibleText.Xml(xml) : XmlText.ToDocument(xml));
    }
}
