using System.Text.RegularExpressions;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>tcp with users of <c>virtd user</c>, against a real virtd on a port the kernel chose.</summary>
public sealed partial class TcpTests
{
    private const string Config = """{ "tcp": { "enabled": true, "port": 0 } }""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_that_was_added_gets_in_and_nobody_else()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: Config);
        await UserAsync(daemon, "add", "ann", "correct horse\n");
        string uri = $"test+tcp://{await AddressAsync(daemon)}/default";

        await using (VirtConnection connection = await OpenAsync(uri, "ann", "correct horse"))
            Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
        VirtException wrong = await Assert.ThrowsAnyAsync<VirtException>(async () => await OpenAsync(uri, "ann", "wrong"));
        VirtException unknown = await Assert.ThrowsAnyAsync<VirtException>(async () => await OpenAsync(uri, "bob", "correct horse"));
        VirtException silent = await Assert.ThrowsAnyAsync<VirtException>(async () => await VirtConnection.OpenAsync(uri, cancel: Cancel));

        Assert.Equal(VirtErrorCode.AuthenticationFailed, wrong.Code);
        Assert.Equal((wrong.Code, wrong.Message), (unknown.Code, unknown.Message));
        Assert.True(silent.Code is VirtErrorCode.AuthenticationFailed or VirtErrorCode.AuthenticationCancelled, silent.Message);
        Assert.DoesNotContain("correct horse", daemon.Log, StringComparison.Ordinal);

        Assert.Equal("ann\n", await UserAsync(daemon, "list"));
        await UserAsync(daemon, "remove", "ann");
        await Assert.ThrowsAnyAsync<VirtException>(async () => await OpenAsync(uri, "ann", "correct horse"));
    }

    [Fact]
    public async Task Without_configuration_nothing_listens_on_tcp()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();

        Assert.DoesNotContain("tcp", daemon.Log, StringComparison.Ordinal);
    }

    private static ValueTask<VirtConnection> OpenAsync(string uri, string user, string password) =>
        VirtConnection.OpenAsync(uri, OpenOptions.None, ConnectAuth.FromCredential(user, password), Cancel);

    private static async Task<string> AddressAsync(VirtdProcess daemon) =>
        Listening().Match(await daemon.LogAsync(Listening().IsMatch)).Groups[1].Value;

    private static async Task<string> UserAsync(VirtdProcess daemon, string verb, string? name = null, string input = "")
    {
        string[] arguments = name is null ? ["user", verb, "--root", daemon.Root] : ["user", verb, name, "--root", daemon.Root];
        (int exitCode, string output, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command(arguments), input);
        Assert.True(exitCode == 0, error);
        return output;
    }

    [GeneratedRegex(@"tcp (127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
