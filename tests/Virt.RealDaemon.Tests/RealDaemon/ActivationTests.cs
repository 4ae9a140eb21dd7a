using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Virt.Connections;
using Virt.Domains;
using Virt.Remote.Transports;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A virtd that gets its socket from whoever starts it, and that leaves when it has nothing to do.</summary>
public sealed partial class ActivationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_daemon_serves_the_socket_it_inherits_and_leaves_when_idle()
    {
        string root = Directory.CreateTempSubdirectory("virtd-").FullName;
        try
        {
            string path = Path.Combine(root, "run/virt/virtd.sock");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ProcessStartInfo command = VirtdProcess.Command("--root", root, "--timeout", "1");
            using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                listener.Bind(new UnixDomainSocketEndPoint(path));
                listener.Listen();
                DetachedProcess.Start(
                    command.FileName, [.. command.ArgumentList], [("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "virtd.sock")], listener,
                    Path.Combine(root, "log"));

                // Nobody accepts yet: the connection waits in the socket's queue until the daemon is ready.
                await using VirtConnection connection = await VirtConnection.OpenAsync(
                    $"test+unix:///default?socket={path}&connect_timeout=60", cancel: Cancel);
                Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
                (_, string status, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("status", "--root", root));
                using Process daemon = Process.GetProcessById(int.Parse(ProcessId().Match(status).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
                await connection.DisposeAsync();

                await daemon.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            }

            Assert.Contains("stopping (idle)", await File.ReadAllTextAsync(Path.Combine(root, "log"), Cancel), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Clients_wait_in_the_socket_from_one_daemon_to_the_next()
    {
        const int Waiting = 20;
        string root = Directory.CreateTempSubdirectory("virtd-").FullName;
        try
        {
            string path = Path.Combine(root, "run/virt/virtd.sock");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            StartOn(listener, root);
            await using (VirtConnection first = await OpenAsync(path))
                await StopAsync(root);

            // Nobody accepts now, and the kernel takes them all the same.
            Task<VirtConnection>[] waiting = [.. Enumerable.Range(0, Waiting).Select(_ => OpenAsync(path))];
            StartOn(listener, root);
            foreach (Task<VirtConnection> one in waiting)
            {
                await using VirtConnection connection = await one;
                Assert.NotEmpty(await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
            }

            await StopAsync(root);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void StartOn(Socket listener, string root)
    {
        ProcessStartInfo command = VirtdProcess.Command("--root", root);
        DetachedProcess.Start(
            command.FileName, [.. command.ArgumentList], [("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "virtd.sock")], listener, Path.Combine(root, "log"));
    }

    private static Task<VirtConnection> OpenAsync(string path) =>
        VirtConnection.OpenAsync($"test+unix:///default?socket={path}&connect_timeout=120", cancel: Cancel).AsTask();

    private static async Task StopAsync(string root)
    {
        (_, string status, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("status", "--root", root));
        using Process daemon = Process.GetProcessById(int.Parse(ProcessId().Match(status).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        Virt.Daemon.Hosting.Posix.Terminate(daemon.Id);
        await daemon.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
    }

    [GeneratedRegex(@"process (\d+)")]
    private static partial Regex ProcessId();
}
