using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class TakeOverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guests_outlive_the_daemon_with_ids_states_and_reasons()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord running = await qemu.StartAsync("running");
        DomainRecord paused = await qemu.StartAsync("paused");
        await qemu.Driver.SuspendDomainAsync(paused.Uuid, Cancel);
        DomainRecord transient = await qemu.Driver.CreateDomainAsync(QemuFixture.Xml("transient"), StartOptions.None, Cancel);
        await qemu.RestartAsync();

        IReadOnlyList<DomainRecord> after = await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel);
        Assert.Equal(["paused", "running", "transient"], after.Select(domain => domain.Name));
        Assert.Equal([paused.Id, running.Id, transient.Id], after.Select(domain => domain.Id));
        Assert.Equal((DomainState.Paused, DomainStateReason.User), (after[0].State, after[0].Reason));
        Assert.Equal((DomainState.Running, DomainStateReason.Booted), (after[1].State, after[1].Reason));
        Assert.Equal(running.StartedAt, after[1].StartedAt);
        Assert.False(after[2].Persistent);

        Assert.Equal(DomainState.Running, (await qemu.Driver.ResumeDomainAsync(paused.Uuid, Cancel)).State);
        DomainRecord next = await qemu.StartAsync("next", StartOptions.Paused);
        Assert.True(next.Id > transient.Id);
        Signals.Send(qemu.PidOf(running), Signals.Kill);
        Assert.Equal("running", (await qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Failed)).Domain.Name);
        foreach (DomainRecord domain in new[] { paused, transient, next })
            await qemu.Driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task What_changed_while_no_daemon_was_there_is_found_out()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord gone = await qemu.StartAsync("gone");
        DomainRecord stopped = await qemu.StartAsync("stopped");
        int pid = qemu.PidOf(gone);
        string status = Path.Combine(qemu.Folders.Run, "stopped.status");
        await qemu.RestartAsync(() =>
        {
            Signals.Send(pid, Signals.Kill);
            File.WriteAllText(status, File.ReadAllText(status).Replace("\"State\": \"Running\"", "\"State\": \"Paused\"", StringComparison.Ordinal));
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(gone.Uuid, Cancel);
        Assert.Equal(DomainState.Shutoff, after.State);
        Assert.Equal(DomainState.Running, (await qemu.Driver.GetDomainByUuidAsync(stopped.Uuid, Cancel)).State);
        Assert.False(File.Exists(Path.Combine(qemu.Folders.Run, "gone.status")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_that_was_cut_short_is_finished(bool pidKnown)
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord started = await qemu.StartAsync("web", StartOptions.Paused);
        int pid = qemu.PidOf(started);
        string path = Path.Combine(qemu.Folders.Run, "web.status");
        await qemu.RestartAsync(() =>
        {
            RunStatus status = JsonSerializer.Deserialize(File.ReadAllBytes(path), RunStatusJson.Default.RunStatus)!;
            status = status with
            {
                Phase = RunPhase.Starting, StartPaused = false, Pid = pidKnown ? status.Pid : 0, State = DomainState.Paused,
                Reason = DomainStateReason.StartingUp,
            };
            File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(status, RunStatusJson.Default.RunStatus));
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(started.Uuid, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Booted, started.Id), (after.State, after.Reason, after.Id));
        Assert.Equal(pid, qemu.PidOf(started));
    }

    [Fact]
    public async Task A_start_that_was_cut_before_qemu_existed_has_failed()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord started = await qemu.StartAsync("web", StartOptions.Paused);
        string path = Path.Combine(qemu.Folders.Run, "web.status");
        byte[] status = File.ReadAllBytes(path);
        await qemu.Driver.DestroyDomainAsync(started.Uuid, DestroyOptions.None, Cancel);
        await qemu.RestartAsync(() =>
        {
            RunStatus cut = JsonSerializer.Deserialize(status, RunStatusJson.Default.RunStatus)! with { Pid = 0, Phase = RunPhase.Starting };
            File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(cut, RunStatusJson.Default.RunStatus));
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(started.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Failed), (after.State, after.Reason));
        Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(started.Uuid, StartOptions.None, Cancel)).State);
    }

    [Fact]
    public async Task A_pid_that_is_another_process_now_is_not_taken_for_the_guest()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        DomainRecord other = await qemu.StartAsync("other");
        int pid = qemu.PidOf(web);
        int stranger = qemu.PidOf(other);
        string path = Path.Combine(qemu.Folders.Run, "web.status");
        await qemu.RestartAsync(() =>
        {
            Signals.Send(pid, Signals.Kill);
            RunStatus status = JsonSerializer.Deserialize(File.ReadAllBytes(path), RunStatusJson.Default.RunStatus)! with { Pid = stranger, StartTicks = 1 };
            File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(status, RunStatusJson.Default.RunStatus));
        });
        Assert.Equal(DomainState.Shutoff, (await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Running, (await qemu.Driver.GetDomainByUuidAsync(other.Uuid, Cancel)).State);
    }

    [Fact]
    public async Task Marked_domains_start_once_per_run_of_the_host()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web");
        DomainRecord marked = await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, Cancel);
        Assert.True(marked.Autostart);
        await qemu.RestartAsync();
        DomainRecord same = await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, true), (same.State, same.Autostart));
        string turn = Path.Combine(qemu.Folders.Run, "autostarted");
        qemu.ForgetEvents();
        await qemu.RestartAsync(() => File.Delete(turn));
        if ((await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).State != DomainState.Running)
            await qemu.WaitForAsync(DomainEventKind.Started, DomainEventDetail.Booted);
        Assert.Equal(DomainState.Running, (await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).State);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_set_aside_and_the_others_load()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord good = await qemu.DefineAsync("good näme &amp; 'co' $(x)");
        await qemu.DefineAsync("torn");
        await qemu.RestartAsync(() =>
        {
            string definitions = qemu.Folders.Definitions;
            File.WriteAllText(Path.Combine(definitions, "torn.xml"), "<domain type='qemu'><name>torn</na");
            File.WriteAllText(Path.Combine(definitions, "empty.xml"), "");
            File.WriteAllText(Path.Combine(definitions, "liar.xml"), QemuFixture.Xml("other"));
            File.WriteAllText(Path.Combine(definitions, "copy.xml"), QemuFixture.Xml("copy", uuid: good.Uuid));
            File.SetLastWriteTimeUtc(Path.Combine(definitions, "copy.xml"), DateTime.UtcNow.AddDays(-1));
            File.WriteAllText(Path.Combine(definitions, "x.xml.123.tmp"), "half");
            File.WriteAllText(Path.Combine(qemu.Folders.Run, "torn.status"), "{\"Format\": 1, \"Na");
            File.WriteAllText(Path.Combine(qemu.Folders.Run, "alien.status"), "{}");
            File.WriteAllText(Path.Combine(qemu.Folders.Run, "null.status"), "null");
        });
        Assert.Equal(good.Name, Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel)).Name);
        Assert.Equal(4, Directory.GetFiles(qemu.Folders.Definitions, "*.xml.corrupt-*").Length);
        Assert.Equal(3, Directory.GetFiles(qemu.Folders.Run, "*.status.corrupt-*").Length);
        Assert.Empty(Directory.GetFiles(qemu.Folders.Definitions, "*.tmp"));
    }

    [Fact]
    public async Task A_root_with_a_path_too_long_for_a_socket_works_all_the_same()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync(new string('d', 120));
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.RestartAsync();
        Assert.Equal(DomainState.Paused, (await qemu.Driver.SuspendDomainAsync(web.Uuid, Cancel)).State);
    }

    [Fact]
    public async Task Guests_bound_to_a_connection_end_with_it()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        var connection = qemu.NewConnection();
        DomainRecord bound = await connection.CreateDomainAsync(QemuFixture.Xml("bound"), StartOptions.AutoDestroy, Cancel);
        DomainRecord free = await connection.CreateDomainAsync(QemuFixture.Xml("free"), StartOptions.None, Cancel);
        await connection.DisposeAsync();
        Assert.Equal(free.Name, Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel)).Name);
        Assert.Equal("bound", (await qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Destroyed)).Domain.Name);
        Assert.NotNull(bound.Id);
    }
}
