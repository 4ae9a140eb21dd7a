using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What virtd stands on goes: the right to its folders, the folders of logs, the time of day.</summary>
public sealed class LostGroundTests : IDisposable
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserExecute;
    private const UnixFileMode Open = Closed | UnixFileMode.UserWrite;
    private const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    private readonly string _root = Directory.CreateTempSubdirectory("virtd-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Without_the_right_to_write_changes_fail_with_their_reason_and_all_works_again_with_it()
    {
        // Root writes wherever it likes, unless that capability is taken away.
        string[] plain = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] : [];
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(_root, prefix: plain);
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord running = await StuckGuestTests.StartAsync(host, "running");
        DomainRecord off = await host.DefineDomainAsync(StuckGuestTests.Xml("off"), DefineOptions.None, Cancel);

        SetMode(Closed);
        await RefusedAsync(() => host.DefineDomainAsync(StuckGuestTests.Xml("new"), DefineOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.UndefineDomainAsync(off.Uuid, UndefineOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.StartDomainAsync(off.Uuid, StartOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.SaveDomainAsync(running.Uuid, Cancel).AsTask());
        Assert.Equal(["off", "running"], (await host.ListDomainsAsync(DomainFilter.All, Cancel)).Select(domain => domain.Name));
        Assert.Equal(DomainState.Running, (await host.GetDomainByUuidAsync(running.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Shutoff, (await host.DestroyDomainAsync(running.Uuid, DestroyOptions.None, Cancel)).State);

        SetMode(Open);
        foreach (DomainRecord domain in (DomainRecord[])[off, running])
        {
            Assert.Equal(DomainState.Running, (await host.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel)).State);
            Assert.Equal(DomainState.Shutoff, (await host.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel)).State);
        }

        await host.UndefineDomainAsync(off.Uuid, UndefineOptions.None, Cancel);
        Assert.Equal(["running"], (await host.ListDomainsAsync(DomainFilter.All, Cancel)).Select(domain => domain.Name));
    }

    [Fact]
    public async Task Without_the_folders_of_logs_guests_start()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(_root);
        await using VirtConnection connection = await daemon.ConnectAsync();
        Directory.Delete(Path.Combine(_root, "var/log/virt"), recursive: true);
        DomainRecord guest = await StuckGuestTests.StartAsync(connection.Hypervisor, "guest");
        Assert.Equal(DomainState.Running, guest.State);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    /// <summary>Only virtd's own view of the time jumps, by years, ahead and back; its waits are on the monotonic clock.</summary>
    [Fact]
    public async Task A_clock_that_jumps_cuts_nobody_off_and_loses_no_guest()
    {
        Assert.SkipUnless(File.Exists(FakeTime), "SKIPPED: libfaketime is not there");
        string clock = Path.Combine(_root, "clock");
        await File.WriteAllTextAsync(clock, "+0", Cancel);
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            _root, """{ "keepalive": { "intervalSeconds": 1, "count": 20 } }""",
            ["env", $"LD_PRELOAD={FakeTime}", $"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"]);
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord guest = await StuckGuestTests.StartAsync(host, "guest");
        foreach (string jump in (string[])["+3650d", "-3650d", "+1d"])
        {
            await File.WriteAllTextAsync(clock, jump, Cancel);
            await Task.Delay(TimeSpan.FromSeconds(3), Cancel);
            Assert.Equal(DomainState.Paused, (await host.SuspendDomainAsync(guest.Uuid, Cancel)).State);
            Assert.Equal(DomainState.Running, (await host.ResumeDomainAsync(guest.Uuid, Cancel)).State);
            DomainRecord other = await StuckGuestTests.StartAsync(host, "other");
            Assert.Equal(DomainState.Shutoff, (await host.DestroyDomainAsync(other.Uuid, DestroyOptions.None, Cancel)).State);
            await host.UndefineDomainAsync(other.Uuid, UndefineOptions.None, Cancel);
            Assert.True(connection.IsAlive);
        }

        int id = guest.Id!.Value;
        await daemon.KillAsync();
        await File.WriteAllTextAsync(clock, "-7300d", Cancel);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        DomainRecord after = await again.Hypervisor.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((DomainState.Running, id), (after.State, after.Id!.Value));
        await again.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    private static async Task RefusedAsync(Func<Task> change)
    {
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(change);
        Assert.NotEqual(VirtErrorCode.RpcError, refused.Code);
        Assert.Contains("denied", refused.Message, StringComparison.Ordinal);
    }

    private void SetMode(UnixFileMode mode)
    {
        foreach (string folder in Directory.GetDirectories(_root, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(folder, mode);
    }
}
