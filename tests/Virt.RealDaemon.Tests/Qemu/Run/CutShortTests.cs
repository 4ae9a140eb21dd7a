using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Changes that a crash has cut at one point or another: the next daemon finishes them or takes them back, whole.</summary>
public sealed class CutShortTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_removal_is_finished_with_all_that_was_to_go()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web", more: $"<os><type>hvm</type><nvram>{qemu.Folders.NvramOf("web")}</nvram></os>");
        await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, Cancel);
        string file = Path.Combine(qemu.Folders.Definitions, "web.xml"), nvram = qemu.Folders.NvramOf("web");
        await qemu.RestartAsync(() =>
        {
            File.WriteAllText(Path.Combine(qemu.Folders.SavedStates, "web.save"), "state");
            File.WriteAllText(nvram, "variables");
            File.Move(file, $"{file}.removing-{(int)(UndefineOptions.ManagedSave | UndefineOptions.Nvram)}");
        });
        Assert.Empty(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
        Assert.Empty(Directory.GetFiles(qemu.Folders.Definitions, "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(qemu.Folders.SavedStates));
        Assert.False(File.Exists(nvram));
    }

    [Fact]
    public async Task A_renaming_is_taken_back_before_the_new_definition_is_there_and_finished_after()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web", more: $"<os><type>hvm</type><nvram>{qemu.Folders.NvramOf("web")}</nvram></os>");
        await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, Cancel);
        string before = Path.Combine(qemu.Folders.Definitions, "web.xml"), after = Path.Combine(qemu.Folders.Definitions, "www.xml");
        string nvram = qemu.Folders.NvramOf("web"), renamed = qemu.Folders.NvramOf("www");
        await qemu.RestartAsync(() =>
        {
            File.WriteAllText(nvram, "variables");
            HostFile.Link(nvram, renamed);
            File.Move(before, before + ".renaming");
        });
        DomainRecord back = Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
        Assert.Equal(("web", web.Uuid, true), (back.Name, back.Uuid, back.Autostart));
        Assert.Equal([nvram], Directory.GetFiles(qemu.Folders.Nvram));

        await qemu.RestartAsync(() =>
        {
            string text = File.ReadAllText(before);
            HostFile.Link(nvram, renamed);
            File.Move(before, before + ".renaming");
            File.WriteAllText(after, text.Replace(">web<", ">www<", StringComparison.Ordinal).Replace(nvram, renamed, StringComparison.Ordinal));
        });
        DomainRecord done = Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
        Assert.Equal(("www", web.Uuid, true), (done.Name, done.Uuid, done.Autostart));
        Assert.Equal([renamed], Directory.GetFiles(qemu.Folders.Nvram));
        Assert.Equal([after], Directory.GetFiles(qemu.Folders.Definitions));

        // And one that nobody cuts moves its variables too.
        await qemu.Driver.RenameDomainAsync(web.Uuid, "web", Cancel);
        Assert.Equal([nvram], Directory.GetFiles(qemu.Folders.Nvram));
        Assert.Equal([before], Directory.GetFiles(qemu.Folders.Definitions));
        Assert.Equal("variables", File.ReadAllText(nvram));
    }

    [Fact]
    public async Task A_guest_whose_saved_state_is_whole_does_not_run_on()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        string status = Path.Combine(qemu.Folders.Run, "web.status"), saved = Path.Combine(qemu.Folders.SavedStates, "web.save");
        await qemu.RestartAsync(() =>
        {
            RunStatus cut = JsonSerializer.Deserialize(File.ReadAllBytes(status), RunStatusJson.Default.RunStatus)! with
            {
                Phase = RunPhase.Saving, State = DomainState.Paused, Reason = DomainStateReason.Save,
            };
            File.WriteAllBytes(status, JsonSerializer.SerializeToUtf8Bytes(cut, RunStatusJson.Default.RunStatus));
            File.WriteAllText(saved, "whole");
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Saved, true), (after.State, after.Reason, after.HasSavedState));
    }

    [Fact]
    public async Task A_start_that_was_cut_after_its_guest_ran_shows_it_running()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        string status = Path.Combine(qemu.Folders.Run, "web.status");
        await qemu.RestartAsync(() =>
        {
            RunStatus cut = JsonSerializer.Deserialize(File.ReadAllBytes(status), RunStatusJson.Default.RunStatus)! with
            {
                Phase = RunPhase.Starting, State = DomainState.Paused, Reason = DomainStateReason.StartingUp,
            };
            File.WriteAllBytes(status, JsonSerializer.SerializeToUtf8Bytes(cut, RunStatusJson.Default.RunStatus));
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Booted), (after.State, after.Reason));
    }

    [Fact]
    public async Task A_saved_state_of_another_domain_is_not_restored()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord one = await qemu.StartAsync("one");
        DomainRecord two = await qemu.DefineAsync("two");
        await qemu.Driver.SaveDomainAsync(one.Uuid, Cancel);
        await qemu.RestartAsync(() => File.Move(Path.Combine(qemu.Folders.SavedStates, "one.save"), Path.Combine(qemu.Folders.SavedStates, "two.save")));
        var refused = await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.StartDomainAsync(two.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains("it is of domain 'one'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(two.Uuid, StartOptions.ForceBoot, Cancel)).State);
    }
}
