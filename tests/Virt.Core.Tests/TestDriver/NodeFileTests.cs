using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class NodeFileTests
{
    private const string Namespace = "xmlns:test='http://libvirt.org/schemas/domain/test/1.0'";

    [Fact]
    public async Task A_node_has_domains_inline_and_in_other_files_and_the_rest_of_a_host()
    {
        await using HostFixture host = await HostFixture.FromXmlAsync(
            $"""
            <node {Namespace}>
              <domain type='test'>
                <name>fv0</name><uuid>4dea22b31d52d8f32516782e98ab3fa0</uuid>
                <memory>524288</memory><maxMemory>1524288</maxMemory><vcpu>4</vcpu>
                <test:domainrunstate>3</test:domainrunstate><test:autostart/>
              </domain>
              <domain file='other.xml'/>
              <network file='net.xml'/>
              <pool type='dir'><name>p</name><capacity unit='GiB'>5</capacity></pool>
              <cpu><mhz>6000</mhz><model>i986</model><active>50</active><nodes>4</nodes><sockets>4</sockets><cores>3</cores><threads>2</threads></cpu>
              <memory>8192000</memory>
            </node>
            """,
            ("other.xml", $"<domain type='test' {Namespace}><name>other</name><memory>1</memory><test:transient/></domain>"),
            ("net.xml", "<network><name>private</name><bridge name='brpriv'/></network>"));

        DomainRecord inline = await host.FindAsync("fv0");
        DomainRecord other = await host.FindAsync("other");

        Assert.Equal(
            (DomainState.Paused, true, true, 4, 524288L << 10, "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"),
            (inline.State, inline.Persistent, inline.Autostart, inline.VCpu, inline.MaximumMemory, inline.Uuid.ToString()));
        Assert.Equal((DomainState.Running, false), (other.State, other.Persistent));
        Assert.DoesNotContain(
            "runstate", await host.Driver.GetDomainXmlAsync(inline.Uuid, XmlOptions.None, HostFixture.Cancel), StringComparison.Ordinal);
        Assert.Equal("brpriv", Assert.Single(await host.Connection.Network.ListNetworksAsync(HostFixture.Cancel)).Bridge);
        Assert.Equal(5L << 30, Assert.Single(await host.Connection.Storage.ListStoragePoolsAsync(HostFixture.Cancel)).Capacity);
        var node = (await host.Driver.GetHostAsync(HostFixture.Cancel)).Node;
        Assert.Equal(
            ("i986", 50, 6000, 4, 4, 3, 2, 8192000L << 10),
            (node.CpuModel, node.Cpus, node.Mhz, node.NumaNodes, node.Sockets, node.CoresPerSocket, node.ThreadsPerCore, node.Memory));
    }

    [Fact]
    public async Task A_single_domain_is_a_host_too_and_each_opening_has_its_own()
    {
        await using HostFixture host = await HostFixture.FromXmlAsync(Conditions.Xml());
        VirtConnection second = await host.ConnectAsync(host.Connection.CanonicalUri);

        await second.Hypervisor.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);

        Assert.Equal(DomainState.Running, (await host.FindAsync(Conditions.Name)).State);
    }

    [Theory]
    [InlineData("<node>\n<domain type='test'>\n<name>x</name>\n</domain></node>", VirtErrorCode.XmlError, "line 2")]
    [InlineData("<node>\n<domain type='test'><name>x</name><memory>0x1</memory></domain></node>", VirtErrorCode.XmlError, "line 2")]
    [InlineData("<node>\n<oops>", VirtErrorCode.XmlDetail, "ine 2")]
    [InlineData("<other/>", VirtErrorCode.XmlError, "<node> or <domain>")]
    [InlineData("", VirtErrorCode.XmlError, "empty")]
    [InlineData("<node><domain file='absent.xml'/></node>", VirtErrorCode.SystemError, "absent.xml")]
    [InlineData("<node>\n\n<cpu><active>many</active></cpu></node>", VirtErrorCode.XmlError, "line 3")]
    public async Task A_bad_file_is_an_error_that_names_file_and_line(string content, VirtErrorCode code, string names)
    {
        VirtException error = await HostFixture.FailsAsync(code, () => HostFixture.FromXmlAsync(content));
        Assert.Contains(names, error.Message, StringComparison.Ordinal);
        Assert.Contains(".xml", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<test:runstate>99</test:runstate>")]
    [InlineData("<test:runstate>off</test:runstate>")]
    [InlineData("<test:runstate>5</test:runstate><test:transient/>")]
    [InlineData("<test:runstate>1</test:runstate><test:hasmanagedsave/>")]
    public async Task A_state_that_cannot_be_is_an_error(string state) =>
        await HostFixture.FailsAsync(VirtErrorCode.XmlError, () => HostFixture.FromXmlAsync(Conditions.Node(state)));

    [Fact]
    public async Task Two_domains_of_one_name_are_an_error()
    {
        string twice = $"<node>{Conditions.Xml()}{Conditions.Xml(uuid: Guid.NewGuid())}</node>";
        await HostFixture.FailsAsync(VirtErrorCode.OperationFailed, () => HostFixture.FromXmlAsync(twice));
    }

    [Theory]
    [InlineData("/nowhere/node.xml")]
    [InlineData("/dev/zero")]
    [InlineData("/tmp")]
    public async Task What_is_no_readable_file_is_an_error(string path)
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(() => host.ConnectAsync("test://" + path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_can_be_forbidden()
    {
        var module = new TestDriverModule(new TestDriverOptions { FilesAllowed = false });
        var request = new OpenRequest(ConnectionUri.Parse("test:///etc/passwd"), OpenOptions.None, ConnectAuth.None);
        await HostFixture.FailsAsync(VirtErrorCode.NoConnect, module.OpenAsync(request, HostFixture.Cancel));
    }

    [Fact]
    public async Task Users_of_a_node_must_authenticate()
    {
        const string Node = "<node><auth><user password='s3cret'>ann</user><user>bob</user></auth></node>";
        VirtException denied = await HostFixture.FailsAsync(VirtErrorCode.AuthenticationFailed, () => HostFixture.FromXmlAsync(Node));
        Assert.DoesNotContain("s3cret", denied.Message, StringComparison.Ordinal);

        string folder = Directory.CreateTempSubdirectory("virt-test-").FullName;
        try
        {
            string uri = "test://" + Path.Combine(folder, "node.xml");
            await File.WriteAllTextAsync(Path.Combine(folder, "node.xml"), Node, HostFixture.Cancel);
            await using HostFixture host = await HostFixture.DefaultAsync();
            await host.ConnectAsync(uri, auth: ConnectAuth.FromCredential("ann", "s3cret"));
            await host.ConnectAsync(uri, auth: ConnectAuth.FromCredential("bob", ""));
            await HostFixture.FailsAsync(
                VirtErrorCode.AuthenticationFailed, () => host.ConnectAsync(uri, auth: ConnectAuth.FromCredential("ann", "wrong")));
            await HostFixture.FailsAsync(
                VirtErrorCode.AuthenticationFailed, () => host.ConnectAsync(uri, auth: ConnectAuth.FromCredential("eve", "s3cret")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
