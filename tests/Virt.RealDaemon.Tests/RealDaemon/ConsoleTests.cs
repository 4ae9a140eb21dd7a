using System.Text;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Consoles of a real guest, through a real virtd: a pseudo terminal and a socket.</summary>
public sealed class ConsoleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_is_spoken_with_over_its_consoles_by_one_user_at_a_time_until_it_is_off()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "console1",
            $"<serial type='file'><source path='{daemon.Root}/third.log'/><target port='2'/></serial>",
            xml => xml.Replace(
                $"<serial type='unix'><source mode='bind' path='{daemon.Root}/console1.console'/>", "<serial type='pty'>", StringComparison.Ordinal));
        VirtException off = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(connection, guest, null));
        Assert.Equal(VirtErrorCode.OperationInvalid, off.Code);

        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.Paused, Cancel);
        await using VirtStream first = await OpenAsync(connection, guest, null);
        await connection.Hypervisor.ResumeDomainAsync(guest.Uuid, Cancel);
        await ReadUntilAsync(first, "VIRT-GUEST READY console1");

        await using VirtStream responder = await OpenAsync(connection, guest, "serial1");
        await responder.WriteAsync("ping\n"u8.ToArray(), Cancel);
        await ReadUntilAsync(responder, "pong");

        VirtException busy = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(connection, guest, "serial0"));
        Assert.Equal((VirtErrorCode.OperationFailed, "serial0"), (busy.Code, busy.Target));
        Task reading = ReadToEndAsync(first);
        await using VirtStream second = await OpenAsync(connection, guest, "serial0", ConsoleOptions.Force);
        Assert.Equal(VirtErrorCode.OperationAborted, (await Assert.ThrowsAnyAsync<VirtException>(() => reading.WaitAsync(Patience, Cancel))).Code);
        await responder.WriteAsync("sh echo hello-from-inside > /dev/ttyS0\n"u8.ToArray(), Cancel);
        await ReadUntilAsync(second, "hello-from-inside");

        Assert.Equal(VirtErrorCode.OperationUnsupported, (await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(connection, guest, "serial2"))).Code);
        Assert.Equal(VirtErrorCode.DeviceMissing, (await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(connection, guest, "serial9"))).Code);

        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        await ReadToEndAsync(second);
        await ReadToEndAsync(responder);
    }

    private static async Task<VirtStream> OpenAsync(
        VirtConnection connection, LinuxGuest guest, string? device, ConsoleOptions options = ConsoleOptions.None) =>
        await connection.Hypervisor.OpenConsoleAsync(guest.Uuid, device, options, Cancel);

    private static async Task ReadUntilAsync(VirtStream console, string wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        var seen = new StringBuilder();
        byte[] room = new byte[4096];
        while (!seen.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            int count = await console.ReadAsync(room, limit.Token);
            Assert.True(count > 0, $"the console ended before '{wanted}': {seen}");
            seen.Append(Encoding.UTF8.GetString(room, 0, count));
        }
    }

    private static async Task ReadToEndAsync(VirtStream console)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (await console.ReadAsync(new byte[4096], limit.Token) > 0)
        {
        }
    }
}
