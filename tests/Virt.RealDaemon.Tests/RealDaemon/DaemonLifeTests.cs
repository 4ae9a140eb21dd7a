using System.Diagnostics;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A real virtd process, without guests.</summary>
public sealed class DaemonLifeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sigterm_drains_and_leaves_no_socket()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync("test:///default");

        Assert.Equal(0, await daemon.StopAsync());

        string reason = await connection.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.False(string.IsNullOrEmpty(reason));
        Assert.False(File.Exists(daemon.Socket));
        Assert.False(File.Exists(daemon.ReadOnlySocket));
    }

    [Fact]
    public async Task A_killed_daemon_fails_the_call_and_a_new_one_takes_its_place()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using (VirtConnection connection = await daemon.ConnectAsync("test:///default"))
        {
            await daemon.KillAsync();
            VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
                async () => await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
            Assert.Equal(VirtErrorCode.RpcError, error.Code);
        }

        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(async () => await daemon.ConnectAsync("test:///default"));
        Assert.Equal(VirtErrorCode.SystemError, refused.Code);
        Assert.NotNull(refused.RecommendedAction);

        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync("test:///default");
        Assert.NotEmpty(await again.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_folders_is_refused()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();

        (int exitCode, _, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command("--root", daemon.Root));

        Assert.Equal(1, exitCode);
        Assert.Contains("another virtd runs", error, StringComparison.Ordinal);
        await using VirtConnection connection = await daemon.ConnectAsync("test:///default");
    }

    [Fact]
    public async Task The_read_only_socket_reads_and_denies_changes_whatever_the_client_asks_for()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await VirtConnection.OpenAsync(
            "test+unix:///default?socket=" + daemon.ReadOnlySocket, cancel: Cancel);

        DomainRecord running = await connection.Hypervisor.GetDomainByNameAsync("test", Cancel);
        await Assert.ThrowsAsync<VirtAccessDeniedException>(
            async () => await connection.Hypervisor.DestroyDomainAsync(running.Uuid, DestroyOptions.None, Cancel));

        Assert.Equal(running.State, (await connection.Hypervisor.GetDomainByNameAsync("test", Cancel)).State);
    }

    [Fact]
    public async Task Another_language_lists_the_domains()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3") && Directory.Exists("/usr/lib/python3/dist-packages/msgpack"), "python3-msgpack is not installed");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        var script = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "list_domains.py"), daemon.Socket, "test:///default"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };

        (int exitCode, string output, string error) = await VirtdProcess.RunAsync(script);

        Assert.True(exitCode == 0, error);
        Assert.Contains("""{"name": "test", "uuid": "6695eb01-f6a4-8304-79aa-97f2502e193f", "id": 1, "state": "running"}""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_definition_refuses_what_the_format_does_not_know()
    {
        const string Xml = """
            <domain type='qemu'><name>strict</name><memory>32768</memory>
            <os><type>hvm</type></os><colour/></domain>
            """;
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();

        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(
            async () => await connection.Hypervisor.DefineDomainAsync(Xml, DefineOptions.Validate, Cancel));
        Assert.Equal(VirtErrorCode.XmlInvalidSchema, error.Code);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);

        Guid uuid = (await connection.Hypervisor.DefineDomainAsync(Xml, DefineOptions.None, Cancel)).Uuid;
        Assert.Contains("<colour", await connection.Hypervisor.GetDomainXmlAsync(uuid, XmlOptions.Inactive, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_says_why()
    {
        string root = Directory.CreateTempSubdirectory("virtd-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "etc/virt"));
            await File.WriteAllTextAsync(
                Path.Combine(root, "etc/virt/virtd.json"), """{ "tcp": { "enabled": true, "address": "0.0.0.0" } /* too open */ }""", Cancel);

            (int exitCode, _, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command("--root", root));

            Assert.Equal(1, exitCode);
            Assert.Contains("not encrypted", error, StringComparison.Ordinal);
            Assert.Contains("allowUnencryptedFromOtherHosts", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
