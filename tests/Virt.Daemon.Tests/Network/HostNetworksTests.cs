using Virt.Daemon.Drivers.Network;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Network;

/// <summary>Which bridge a virtual network leads to.</summary>
public sealed class HostNetworksTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly HostNetworks _networks;

    public HostNetworksTests()
    {
        Directory.CreateDirectory(_folder.File("ours"));
        Directory.CreateDirectory(_folder.File("libvirt"));
        _networks = new HostNetworks(_folder.File("ours"), _folder.File("libvirt"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Libvirts_active_networks_are_found_and_ours_come_first()
    {
        Write("libvirt/default.xml", "<networkstatus><network><name>default</name><bridge name='virbr0' stp='on'/></network></networkstatus>");
        Assert.Equal("virbr0", _networks.FindBridge("default", null));
        Write("ours/default.xml", "<network><name>default</name><forward mode='bridge'/><bridge name='br7'/></network>");
        Assert.Equal("br7", _networks.FindBridge("default", null));
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("../ours/x")]
    [InlineData("..")]
    [InlineData("")]
    public void One_that_is_not_there_is_said_so(string name)
    {
        Write("ours/x.xml", "<network><bridge name='br0'/></network>");
        VirtException missing = Assert.ThrowsAny<VirtException>(() => _networks.FindBridge(name, null));
        Assert.Equal(VirtErrorCode.NoNetwork, missing.Code);
    }

    [Theory]
    [InlineData("<network><forward mode='passthrough'/></network>", null, "leads to no bridge")]
    [InlineData("<network><bridge name='b'/><vlan><tag id='3'/></vlan></network>", null, "<vlan>")]
    [InlineData("<network><bridge name='b'/><portgroup name='g'><bandwidth/></portgroup></network>", "g", "<bandwidth>")]
    [InlineData("<network><bridge name='b'/><portgroup name='g' default='yes'><vlan/></portgroup></network>", null, "<vlan>")]
    public void One_that_is_more_than_a_bridge_is_refused(string xml, string? group, string said)
    {
        Write("ours/n.xml", xml);
        VirtException refused = Assert.ThrowsAny<VirtException>(() => _networks.FindBridge("n", group));
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, refused.Code);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_description_is_an_error_that_names_its_line()
    {
        Write("ours/n.xml", "<network>");
        Assert.Equal(VirtErrorCode.XmlDetail, Assert.ThrowsAny<VirtException>(() => _networks.FindBridge("n", null)).Code);
    }

    private void Write(string file, string xml) => File.WriteAllText(_folder.File(file), xml);
}
