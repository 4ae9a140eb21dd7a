using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote;

namespace Virt.Tests.Core.Remote;

public sealed class RemoteTransportsTests
{
    [Theory]
    [InlineData("qemu+tls://host/system?tls_priority=NORMAL", VirtErrorCode.NoSupport)]
    [InlineData("qemu://host/system?no_verify=2", VirtErrorCode.InvalidArgument)] // a host without a transport means tls
    [InlineData("qemu+libssh://host/system", VirtErrorCode.NoSupport)]
    [InlineData("qemu+libssh2://host/system", VirtErrorCode.NoSupport)]
    [InlineData("qemu+ssh:///system", VirtErrorCode.InvalidArgument)]
    [InlineData("qemu+unix:///system?mode=indirect", VirtErrorCode.InvalidArgument)]
    [InlineData("qemu+pigeon://host/system", VirtErrorCode.NoConnect)]
    [InlineData("qemu+unix://host/system", VirtErrorCode.InvalidArgument)]
    [InlineData("qemu+unix:///system?keepalive_count=many", VirtErrorCode.InvalidArgument)]
    public async Task A_transport_that_cannot_be_is_an_error_that_says_so(string uri, VirtErrorCode code)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(uri));
        Assert.Equal(code, error.Code);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("libssh")]
    [InlineData("libssh2")]
    public async Task A_program_without_the_other_ways_to_ssh_names_the_one_that_is_there(string transport)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync($"qemu+{transport}://host/system"));
        Assert.Contains("qemu+ssh://", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_a_system_error_as_in_libvirt()
    {
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => OpenAsync("qemu+tcp://no-such-host.invalid/system"));
        Assert.Equal(VirtErrorCode.SystemError, error.Code);
        Assert.Contains("no-such-host.invalid", error.Message, StringComparison.Ordinal);
    }

    private static async Task OpenAsync(string uri) => await new RemoteDriver().OpenAsync(
        new OpenRequest(ConnectionUri.Parse(uri), OpenOptions.None, ConnectAuth.None), TestContext.Current.CancellationToken);
}
