using System.Diagnostics;
using Virt.Connections;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Attacks of users of the read-only socket, which everybody may open, on the seats of the others.</summary>
public sealed class SeatsTests
{
    [Fact]
    public async Task Users_of_the_read_only_socket_cannot_shut_root_or_the_read_write_socket_out()
    {
        using var other = new OtherUser();
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            config: """{ "unix": { "mode": "0666" }, "limits": { "clients": 40, "reservedClients": 4, "readOnlyClientsPerUser": 30 } }""");
        SeparateUser.Let(daemon.Root);
        List<Process> attackers = [];
        try
        {
            foreach (string user in (string[])["nobody", "daemon", "games"])
                attackers.Add(await OtherUser.HoldAsync(daemon.ReadOnlySocket, 40, user));
            await daemon.LogAsync(static log => log.Contains("seats are kept for others", StringComparison.Ordinal));

            // Whoever may open the read-write socket finds seats there, and when those are taken too, root does.
            attackers.Add(await OtherUser.HoldAsync(daemon.Socket, 4, "nobody"));
            await using VirtConnection root = await daemon.ConnectAsync();
            Assert.NotEmpty((await root.Hypervisor.GetHostAsync(TestContext.Current.CancellationToken)).HostName);
        }
        finally
        {
            foreach (Process attacker in attackers)
            {
                attacker.Kill();
                await attacker.WaitForExitAsync(CancellationToken.None);
                attacker.Dispose();
            }
        }
    }

    [Fact]
    public async Task A_user_who_connects_without_end_fills_no_log_and_hides_nobody_in_it()
    {
        using var other = new OtherUser();
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        SeparateUser.Let(daemon.Root);
        using Process attacker = await OtherUser.HoldAsync(daemon.ReadOnlySocket, 200, "nobody");
        await daemon.LogAsync(static log => Connections(log).Length == 100);
        await using (VirtConnection root = await daemon.ConnectAsync())
            await daemon.LogAsync(static log => Connections(log).Length == 101 && log.Contains("uid 0, read-only False", StringComparison.Ordinal));
        attacker.Kill();
        await attacker.WaitForExitAsync(TestContext.Current.CancellationToken);
        await daemon.StopAsync();
        Assert.Equal(101, Connections(daemon.Log).Length);
        Assert.Contains("100 more connections of uid 65534 within a minute are not logged one by one", daemon.Log, StringComparison.Ordinal);
        Assert.InRange(daemon.Log.Split('\n').Length, 101, 300);

        static string[] Connections(string log) => [.. log.Split('\n').Where(line => line.Contains(" connected by unix", StringComparison.Ordinal))];
    }
}
