using System.Xml.Linq;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class XmlTests
{
    [Fact]
    public async Task Live_xml_has_the_id_and_inactive_xml_has_not()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.DefineDomainAsync(Conditions.Xml(memory: "7"), DefineOptions.None, HostFixture.Cancel);

        XElement live = await ReadAsync(host, XmlOptions.None);
        XElement next = await ReadAsync(host, XmlOptions.Inactive);

        Assert.Equal(((await host.FindAsync(Conditions.Name)).Id, "1"), ((int?)live.Attribute("id"), live.Element("memory")?.Value));
        Assert.Equal((null, "7"), (next.Attribute("id")?.Value, next.Element("memory")?.Value));
    }

    [Fact]
    public async Task Inactive_xml_of_a_transient_domain_is_its_live_one_without_id()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Transient);
        XElement xml = await ReadAsync(host, XmlOptions.Inactive);
        Assert.Equal((null, Conditions.Name), (xml.Attribute("id")?.Value, xml.Element("name")?.Value));
    }

    [Fact]
    public async Task Passwords_are_shown_to_those_who_ask_and_may()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        Guid web1 = await host.UuidAsync("web1");
        VirtConnection reader = await host.ConnectAsync("test:///default", OpenOptions.ReadOnly);

        string plain = await host.Driver.GetDomainXmlAsync(web1, XmlOptions.None, HostFixture.Cancel);
        string secure = await host.Driver.GetDomainXmlAsync(web1, XmlOptions.Secure, HostFixture.Cancel);
        string inactive = await host.Driver.GetDomainXmlAsync(web1, XmlOptions.Secure | XmlOptions.Inactive, HostFixture.Cancel);

        Assert.DoesNotContain("sesame", plain, StringComparison.Ordinal);
        Assert.Contains("passwd=\"sesame\"", secure, StringComparison.Ordinal);
        Assert.Contains("passwd=\"sesame\"", inactive, StringComparison.Ordinal);
        await HostFixture.FailsAsync(
            VirtErrorCode.OperationDenied, reader.Hypervisor.GetDomainXmlAsync(web1, XmlOptions.Secure, HostFixture.Cancel));
        Assert.Equal(plain, await reader.Hypervisor.GetDomainXmlAsync(web1, XmlOptions.None, HostFixture.Cancel));
    }

    [Fact]
    public async Task What_is_exported_can_be_defined_again_without_a_change()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        Guid web1 = await host.UuidAsync("web1");
        string xml = await host.Driver.GetDomainXmlAsync(web1, XmlOptions.Secure | XmlOptions.Inactive, HostFixture.Cancel);

        await host.Driver.DefineDomainAsync(xml, DefineOptions.None, HostFixture.Cancel);

        Assert.Equal(xml, await host.Driver.GetDomainXmlAsync(web1, XmlOptions.Secure | XmlOptions.Inactive, HostFixture.Cancel));
        Assert.Equal("Defined/Updated", host.Drain());
    }

    private static async Task<XElement> ReadAsync(HostFixture host, XmlOptions options) =>
        XElement.Parse(await host.Driver.GetDomainXmlAsync(Conditions.Uuid, options, HostFixture.Cancel));
}
