using System.Text.Json;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>Whatever lies where virtd's files are expected: a start goes on, what is right loads, and nothing is lost.</summary>
public sealed class FoundFilesTests
{
    private static readonly string[] Faults = ["missing", "empty", "half", "garbage", "foreign json", "foreign xml", "wrong name", "folder", "fifo", "dangling link", "huge", "later format"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> EachFault => [.. Faults];

    // One that was removed by hand is removed, and its text has no format.
    public static TheoryData<string> EachFaultOfDefinitions => [.. Faults.Except(["missing", "later format"])];

    /// <summary>The status of a running guest and its spare: with either or both unusable the guest is taken over as it was.</summary>
    [Theory]
    [MemberData(nameof(EachFault))]
    public async Task A_running_guest_is_taken_over_whatever_became_of_its_status(string fault)
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord guest = await qemu.StartAsync("web", devices: "<memballoon model='virtio'/>");
        DomainRecord paused = await qemu.Driver.SuspendDomainAsync((await qemu.StartAsync("paused")).Uuid, Cancel);
        DomainRecord transient = await qemu.Driver.CreateDomainAsync(QemuFixture.Xml("passing"), StartOptions.None, Cancel);
        int pid = qemu.PidOf(guest);

        // One of the two files.
        await qemu.RestartAsync(() => FileFaults.Apply(fault, Path.Combine(qemu.Folders.Run, "web.status")));
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((guest.Id, DomainState.Running, guest.StartedAt, pid), (after.Id, after.State, after.StartedAt, qemu.PidOf(guest)));
        Assert.Contains("balloon0", await qemu.Driver.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel), StringComparison.Ordinal);

        // Both, of all guests.
        await qemu.RestartAsync(() =>
        {
            foreach (DomainRecord domain in new[] { guest, paused, transient })
            {
                FileFaults.Apply(fault, Path.Combine(qemu.Folders.Run, domain.Name + ".status"));
                FileFaults.Apply(fault, Path.Combine(qemu.Folders.SpareStatuses, $"{domain.Uuid:D}.status"));
            }
        });
        IReadOnlyList<DomainRecord> all = await qemu.Driver.ListDomainsAsync(new DomainFilter(Active: true), Cancel);
        Assert.Equal(["passing", "paused", "web"], all.Select(domain => domain.Name));
        Assert.Equal([DomainState.Running, DomainState.Paused, DomainState.Running], all.Select(domain => domain.State));
        Assert.Equal([false, true, true], all.Select(domain => domain.Persistent));
        Assert.Equal(3, all.Select(domain => domain.Id).Distinct().Count());
        Assert.Equal(pid, qemu.PidOf(guest));
        Assert.Contains("balloon0", await qemu.Driver.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel), StringComparison.Ordinal);
        if (fault == "later format")
            Assert.Equal(guest.Id, all[2].Id);

        // They are managed as before, and written down again.
        await qemu.RestartAsync();
        Assert.Equal(all.Select(domain => domain.Id), (await qemu.Driver.ListDomainsAsync(new DomainFilter(Active: true), Cancel)).Select(domain => domain.Id));
        Assert.Equal(DomainState.Running, (await qemu.Driver.ResumeDomainAsync(paused.Uuid, Cancel)).State);
        foreach (DomainRecord domain in all)
            Assert.Equal(DomainState.Shutoff, (await qemu.Driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel)).State);
        Assert.DoesNotContain(Directory.GetDirectories(qemu.Folders.Run), folder => Guid.TryParse(Path.GetFileName(folder), out _));
    }

    [Fact]
    public async Task A_guest_whose_run_folder_was_swept_away_is_still_known_and_can_be_turned_off()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord guest = await qemu.StartAsync("web");
        int pid = qemu.PidOf(guest);
        await qemu.RestartAsync(() =>
        {
            Directory.Delete(qemu.Folders.Run, recursive: true);
            Directory.Delete(qemu.Folders.SpareStatuses, recursive: true);
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((DomainState.Running, pid), (after.State, qemu.PidOf(guest)));
        var refused = await Assert.ThrowsAsync<Virt.Errors.VirtException>(() => qemu.Driver.SuspendDomainAsync(guest.Uuid, Cancel).AsTask());
        Assert.Contains("the monitor of domain 'web' cannot be reached", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DomainState.Shutoff, (await qemu.Driver.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel)).State);
        Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel)).State);
    }

    /// <summary>A definition is set aside when its domain is off, and restored from the guest when it runs.</summary>
    [Theory]
    [MemberData(nameof(EachFaultOfDefinitions))]
    public async Task A_definition_that_cannot_be_used_loses_no_guest(string fault)
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord good = await qemu.DefineAsync("good");
        DomainRecord off = await qemu.DefineAsync("off");
        DomainRecord running = await qemu.StartAsync("running");
        await qemu.Driver.ChangeDomainAsync(running.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, Cancel);
        await qemu.RestartAsync(() =>
        {
            FileFaults.Apply(fault, Path.Combine(qemu.Folders.Definitions, "off.xml"));
            FileFaults.Apply(fault, Path.Combine(qemu.Folders.Definitions, "running.xml"));
        });
        IReadOnlyList<DomainRecord> all = await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel);
        Assert.Equal(["good", "running"], all.Select(domain => domain.Name));
        Assert.Equal((running.Id, DomainState.Running, true, true), (all[1].Id, all[1].State, all[1].Persistent, all[1].Autostart));
        string[] aside = Directory.GetFileSystemEntries(qemu.Folders.Definitions, "*.corrupt-*");
        Assert.Equal(2, aside.Length);
        Assert.Equal(2, Virt.Daemon.Hosting.Check.SetAsideFiles.Find(qemu.Directories).Count);

        // Its name is free, and the restored one starts again.
        Assert.Equal("off", (await qemu.DefineAsync("off")).Name);
        Assert.NotEqual(off.Uuid, good.Uuid);
        await qemu.Driver.DestroyDomainAsync(running.Uuid, DestroyOptions.None, Cancel);
        await qemu.RestartAsync();
        Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(running.Uuid, StartOptions.None, Cancel)).State);
    }

    [Theory]
    [MemberData(nameof(EachFault))]
    public async Task Marks_saved_states_and_leftovers_of_any_kind_do_not_keep_virtd_from_starting(string fault)
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        await qemu.RestartAsync(() =>
        {
            foreach (string path in new[]
                     {
                         Path.Combine(qemu.Folders.Run, "autostarted"), Path.Combine(qemu.Folders.Autostart, "nobody.xml"),
                         Path.Combine(qemu.Folders.SavedStates, "web.save"), Path.Combine(qemu.Folders.Run, "nobody.status.x.tmp"),
                         Path.Combine(qemu.Folders.Definitions, "nobody.xml.removing-0"), Path.Combine(qemu.Folders.Definitions, "nobody.xml.renaming"),
                         Path.Combine(qemu.Folders.Definitions, "x.tmp"), Path.Combine(qemu.Folders.SavedStates, "x.tmp"),
                         Path.Combine(qemu.Folders.Nvram, "nobody_VARS.fd"),
                     })
                FileFaults.Apply(fault, path);
            Directory.CreateDirectory(Path.Combine(qemu.Folders.Run, Guid.NewGuid().ToString("D")));
        });
        DomainRecord after = Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
        Exception? outcome = await Record.ExceptionAsync(async () => await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel));
        // A saved state that is none is said to be none, and the guest still boots afresh.
        Assert.True(outcome is null or Virt.Errors.VirtException, outcome?.ToString());
        if (outcome is Virt.Errors.VirtException refused)
            Assert.Contains("web.save", refused.Message + refused.RecommendedAction, StringComparison.Ordinal);
        if (!qemu.Host.HasActiveDomains && fault != "folder")
            Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.ForceBoot, Cancel)).State);
        Assert.Equal("web", after.Name);
        Assert.DoesNotContain(Directory.GetDirectories(qemu.Folders.Run), folder => Path.GetFileName(folder) != web.Uuid.ToString("D") && Guid.TryParse(Path.GetFileName(folder), out _));
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_folder_is_set_aside()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web");
        await qemu.RestartAsync(() =>
        {
            foreach (string folder in new[] { qemu.Folders.Autostart, qemu.Folders.SavedStates, qemu.Folders.Nvram, qemu.Folders.SpareStatuses })
            {
                Directory.Delete(folder, recursive: true);
                File.WriteAllText(folder, "no folder");
            }
        });
        Assert.Equal(DomainState.Running, (await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel)).State);
        Assert.Equal(4, Virt.Daemon.Hosting.Check.SetAsideFiles.Find(qemu.Directories).Count);
    }

    [Fact]
    public async Task A_status_with_more_in_it_than_this_version_knows_is_used_as_it_is()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord guest = await qemu.StartAsync("web");
        string path = Path.Combine(qemu.Folders.Run, "web.status");
        await qemu.RestartAsync(() =>
        {
            JsonObject status = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            status["AddedLater"] = new JsonObject { ["Deep"] = new JsonArray(1, 2) };
            File.WriteAllText(path, status.ToJsonString());
        });
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((guest.Id, DomainState.Running, DomainStateReason.Booted), (after.Id, after.State, after.Reason));
        Assert.Empty(Virt.Daemon.Hosting.Check.SetAsideFiles.Find(qemu.Directories));
    }

    [Fact]
    public async Task A_guest_whose_name_or_uuid_was_given_to_another_definition_by_hand_is_kept()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord renamed = await qemu.StartAsync("before");
        DomainRecord taken = await qemu.StartAsync("taken");
        await qemu.RestartAsync(() =>
        {
            File.Delete(Path.Combine(qemu.Folders.Definitions, "before.xml"));
            File.WriteAllText(Path.Combine(qemu.Folders.Definitions, "after.xml"), QemuFixture.Xml("after", uuid: renamed.Uuid));
            File.WriteAllText(Path.Combine(qemu.Folders.Definitions, "taken.xml"), QemuFixture.Xml("taken", uuid: Guid.NewGuid()));
        });
        IReadOnlyList<DomainRecord> all = await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel);
        Assert.Equal(["after", "taken", $"taken-{taken.Id}"], all.Select(domain => domain.Name));
        Assert.Equal([renamed.Id, null, taken.Id], all.Select(domain => domain.Id));
        foreach (DomainRecord domain in all.Where(domain => domain.IsActive))
            await qemu.Driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(2, (await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel)).Count);
    }
}
