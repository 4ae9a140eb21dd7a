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
}
