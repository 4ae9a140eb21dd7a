using System.Diagnostics;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote;
using Virt.Tests.Daemon.RealDaemon;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>The suite over <c>virtd proxy</c> as the program of ext, and programs that are none.</summary>
public sealed class ExtTransportTests : ProcessTransportSuite
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world)
    {
        string script = Script($"proxy{Guid.NewGuid():N}", $"exec '{VirtdProcess.Command().FileName}' proxy --socket '{world.UnixSocket}'");
        return world.ConnectAsync($"fake+ext:///system?command={script}");
    }

    [Fact]
    public async Task A_program_that_prints_garbage_is_no_daemon()
    {
        VirtException error = await OpenFailsAsync("echo this is not a daemon; exec cat >/dev/null");
        Assert.Equal(VirtErrorCode.RpcError, error.Code);
        Assert.Contains("broke the protocol", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_ends_at_once_is_named_with_its_last_words()
    {
        VirtException error = await OpenFailsAsync("echo no way to the moon >&2; exit 3");
        Assert.Contains("has ended with exit status 3: no way to the moon", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_never_answers_is_given_up()
    {
        VirtException error = await OpenFailsAsync("exec sleep 1000", "&keepalive_interval=1&keepalive_count=1");
        Assert.Contains("keepalive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_without_a_daemon_says_so()
    {
        VirtException error = await OpenFailsAsync($"exec '{VirtdProcess.Command().FileName}' proxy --socket '{World.SocketPath()}'");
        Assert.Contains($"there is no socket {World.SocketPath()}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_proxy_takes_the_read_only_socket_of_a_root()
    {
        string root = Path.Combine(Folder, "r");
        Directory.CreateDirectory(Path.Combine(root, "run/virt"));
        File.CreateSymbolicLink(Path.Combine(root, "run/virt/virtd-ro.sock"), World.ListenUnix(readOnly: true));
        string script = Script("ro", $"exec '{VirtdProcess.Command().FileName}' proxy --root '{root}' --read-only");
        await using var connection = await World.OpenAsync($"fake+ext:///system?command={script}", options: OpenOptions.ReadOnly);
        Assert.True(connection.IsReadOnly);
    }

    [Fact]
    public async Task A_proxy_to_the_session_starts_the_users_daemon()
    {
        string folders = string.Join(' ', new[] { "RUNTIME_DIR", "CONFIG_HOME", "DATA_HOME", "CACHE_HOME" }.Select(name => $"XDG_{name}='{Folder}/{name[0]}'"));
        string script = Script("session", $"export {folders}\nmkdir '{Folder}/R'\nexec '{VirtdProcess.Command().FileName}' proxy --session");
        await using RemoteDriverConnection connection = await World.OpenAsync($"qemu+ext:///session?command={script}&keepalive_interval=0");
        DaemonRecord record = await connection.Admin.GetDaemonAsync(Time);
        using Process daemon = Process.GetProcessById(record.ProcessId);
        daemon.Kill();
        await daemon.WaitForExitAsync(Time);
        Assert.True(File.Exists(Path.Combine(Folder, "R/virt/virtd.sock")));
        Assert.Equal("qemu:///session", connection.CanonicalUri);
    }

    [Theory]
    [InlineData("fake+ext:///system", VirtErrorCode.InvalidArgument, "needs the parameter command")]
    [InlineData("fake+ext://host/system?command=/bin/cat", VirtErrorCode.InvalidArgument, "takes no host")]
    [InlineData("fake+ext:///system?command=/no/such/program", VirtErrorCode.SystemError, "no executable program")]
    public async Task A_uri_without_a_program_says_what_is_missing(string uri, VirtErrorCode code, string words)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(() => World.OpenAsync(uri));
        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    private async Task<VirtException> OpenFailsAsync(string program, string parameters = "") =>
        await Assert.ThrowsAsync<VirtConnectionException>(
            () => World.OpenAsync($"fake+ext:///system?command={Script("program", program)}{parameters}").WaitAsync(Time));
}
