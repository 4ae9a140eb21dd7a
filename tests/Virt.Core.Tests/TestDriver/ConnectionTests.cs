using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class ConnectionTests
{
    [Theory]
    [InlineData("qemu:///system")]
    [InlineData("test+unix:///default")]
    [InlineData("test://host/default")]
    public async Task Other_uris_are_declined(string uri)
    {
        DriverOpening<IDriverConnection> answer = await new TestDriverModule().OpenAsync(
            new OpenRequest(ConnectionUri.Parse(uri), OpenOptions.None, ConnectAuth.None), HostFixture.Cancel);
        Assert.True(answer.IsDeclined);
    }

    [Theory]
    [InlineData("test:///")]
    [InlineData("test:///default?domains=many")]
    [InlineData("test:///default?domains=-1")]
    [InlineData("test:///default?domains=99999999")]
    public async Task A_test_uri_that_means_nothing_is_an_error(string uri)
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        await HostFixture.FailsAsync(VirtErrorCode.NoConnect, () => host.ConnectAsync(uri));
    }

    [Fact]
    public async Task Connections_to_the_default_host_share_it_until_the_last_closes()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        VirtConnection second = await host.ConnectAsync("test:///default");
        Guid web2 = await host.UuidAsync("web2");

        await second.Hypervisor.StartDomainAsync(web2, StartOptions.None, HostFixture.Cancel);
        Assert.Equal(DomainState.Running, (await host.FindAsync("web2")).State);
        await second.DisposeAsync();
        await second.DisposeAsync();
        Assert.Equal(DomainState.Running, (await host.FindAsync("web2")).State);
        await host.Connection.DisposeAsync();

        VirtConnection fresh = await host.ConnectAsync("test:///default");
        Assert.Equal(DomainState.Shutoff, (await fresh.Hypervisor.GetDomainByUuidAsync(web2, HostFixture.Cancel)).State);
    }

    [Fact]
    public async Task A_closed_connection_says_so()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        IHypervisorDriver driver = host.Driver;
        await host.Connection.DisposeAsync();
        await HostFixture.FailsAsync(VirtErrorCode.InvalidConnection, driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        Guid web2 = await host.UuidAsync("web2");
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await host.Driver.StartDomainAsync(web2, StartOptions.None, cancelled));

        Assert.Equal(DomainState.Shutoff, (await host.FindAsync("web2")).State);
    }

    [Fact]
    public async Task Secondary_drivers_are_there_but_network_filters()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        Assert.Equal("default", Assert.Single(await host.Connection.Network.ListNetworksAsync(HostFixture.Cancel)).Name);
        Assert.Equal(100L << 30, Assert.Single(await host.Connection.Storage.ListStoragePoolsAsync(HostFixture.Cancel)).Capacity);
        Assert.Equal("eth1", Assert.Single(await host.Connection.Interfaces.ListInterfacesAsync(HostFixture.Cancel)).Name);
        Assert.Equal(
            ["computer", "net_eth1", "scsi_host1"],
            (await host.Connection.NodeDevices.ListNodeDevicesAsync(HostFixture.Cancel)).Select(device => device.Name));
        Assert.Empty(await host.Connection.Secrets.ListSecretsAsync(HostFixture.Cancel));
        Assert.Equal(VirtErrorCode.NoSupport, Assert.Throws<VirtException>(() => host.Connection.NetworkFilters).Code);
    }

    [Fact]
    public async Task Domains_started_with_auto_destroy_end_with_their_connection_only()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        VirtConnection second = await host.ConnectAsync("test:///default");
        Guid web2 = await host.UuidAsync("web2");
        Guid build = await host.UuidAsync("build box");
        await second.Hypervisor.StartDomainAsync(web2, StartOptions.AutoDestroy, HostFixture.Cancel);
        await second.Hypervisor.StartDomainAsync(build, StartOptions.None, HostFixture.Cancel);
        DomainRecord created = await second.Hypervisor.CreateDomainAsync(
            Conditions.Xml(), StartOptions.AutoDestroy | StartOptions.Paused, HostFixture.Cancel);
        await HostFixture.FailsAsync(VirtErrorCode.OperationInvalid, second.Hypervisor.SaveDomainAsync(web2, HostFixture.Cancel));
        host.Drain();

        await second.DisposeAsync();

        Assert.Equal(DomainState.Shutoff, (await host.FindAsync("web2")).State);
        Assert.Equal(DomainState.Running, (await host.FindAsync("build box")).State);
        await HostFixture.FailsAsync(VirtErrorCode.NoDomain, host.Driver.GetDomainByUuidAsync(created.Uuid, HostFixture.Cancel));
        Assert.Equal("Shutdown/Host Stopped/Destroyed Shutdown/Host Stopped/Destroyed", host.Drain());
    }

    [Fact]
    public async Task The_host_describes_itself_as_a_test()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        var record = await host.Driver.GetHostAsync(HostFixture.Cancel);
        var capabilities = await host.Driver.GetHostCapabilitiesAsync(HostFixture.Cancel);
        var domain = await host.Driver.GetDomainCapabilitiesAsync(new(), HostFixture.Cancel);

        Assert.Equal(("Test", 16), (record.HypervisorType, record.Node.Cpus));
        Assert.InRange(record.Node.FreeMemory, 1, record.Node.Memory - 1);
        Assert.False(capabilities.KvmUsable);
        Assert.Equal("test", domain.Type);
        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, host.Driver.GetDomainCapabilitiesAsync(new(Machine: "virt-99"), HostFixture.Cancel));
    }
}
