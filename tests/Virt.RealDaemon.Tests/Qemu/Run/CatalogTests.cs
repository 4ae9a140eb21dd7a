using Virt.Domains;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class CatalogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Definitions_are_added_replaced_renamed_and_removed()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web");
        Assert.Equal((DomainState.Shutoff, true, 64L << 20), (web.State, web.Persistent, web.Memory));
        DomainRecord again = await qemu.Driver.DefineDomainAsync(QemuFixture.Xml("web", memory: 128, uuid: web.Uuid), DefineOptions.None, Cancel);
        Assert.Equal(128L << 20, again.MaximumMemory);
        await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Autostart: true, Title: "The web"), ChangeScope.Config, Cancel);
        DomainRecord renamed = await qemu.Driver.RenameDomainAsync(web.Uuid, "www", Cancel);
        Assert.Equal(("www", "The web", true), (renamed.Name, renamed.Title, renamed.Autostart));
        await Assert.ThrowsAsync<VirtNotFoundException>(() => qemu.Driver.GetDomainByNameAsync("web", Cancel).AsTask());
        Assert.Equal(["www.xml"], Directory.GetFiles(qemu.Folders.Definitions).Select(Path.GetFileName));
        Assert.Equal(["www.xml"], Directory.GetFiles(qemu.Folders.Autostart).Select(Path.GetFileName));
        Assert.Contains("<name>www</name>", await qemu.Driver.GetDomainXmlAsync(web.Uuid, XmlOptions.None, Cancel), StringComparison.Ordinal);
        await qemu.Driver.UndefineDomainAsync(web.Uuid, UndefineOptions.None, Cancel);
        Assert.Equal(
            ["Defined/Added", "Defined/Updated", "Defined/Updated", "Undefined/Renamed", "Defined/Renamed", "Undefined/Removed"], qemu.EventNames);
        Assert.Empty(Directory.EnumerateFiles(qemu.Folders.Definitions));
        Assert.Empty(Directory.EnumerateFiles(qemu.Folders.Autostart));
    }

    [Fact]
    public async Task Names_and_uuids_belong_to_one_domain()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web");
        DomainRecord db = await qemu.DefineAsync("db");
        foreach (string clash in new[] { QemuFixture.Xml("web"), QemuFixture.Xml("other", uuid: web.Uuid), QemuFixture.Xml("db", uuid: web.Uuid) })
        {
            VirtException taken = await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.DefineDomainAsync(clash, DefineOptions.None, Cancel).AsTask());
            Assert.Equal(VirtErrorCode.OperationFailed, taken.Code);
        }

        await Assert.ThrowsAsync<VirtInvalidStateException>(() => qemu.Driver.RenameDomainAsync(db.Uuid, "web", Cancel).AsTask());
        VirtException bad = await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.RenameDomainAsync(db.Uuid, "../db", Cancel).AsTask());
        Assert.Equal(VirtErrorCode.InvalidArgument, bad.Code);
        Assert.Equal(["db", "web"], (await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel)).Select(domain => domain.Name));
    }

    [Fact]
    public async Task Of_many_who_define_the_same_name_one_wins()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        Task<DomainRecord>[] defining = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(() => qemu.DefineAsync("web")))];
        await Task.WhenAll(defining.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(1, defining.Count(task => task.IsCompletedSuccessfully));
        Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
    }

    [Fact]
    public async Task A_transient_domain_is_gone_when_it_ends()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.Driver.CreateDomainAsync(QemuFixture.Xml("web"), StartOptions.None, Cancel);
        Assert.False(web.Persistent);
        await Assert.ThrowsAsync<VirtInvalidStateException>(() => qemu.Driver.UndefineDomainAsync(web.Uuid, UndefineOptions.None, Cancel).AsTask());
        await Assert.ThrowsAsync<VirtInvalidStateException>(() => qemu.Driver.SaveDomainAsync(web.Uuid, Cancel).AsTask());
        await Assert.ThrowsAsync<VirtInvalidStateException>(
            () => qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, Cancel).AsTask());
        await qemu.Driver.DestroyDomainAsync(web.Uuid, DestroyOptions.None, Cancel);
        await Assert.ThrowsAsync<VirtNotFoundException>(() => qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel).AsTask());
    }

    [Fact]
    public async Task A_running_domain_can_lose_and_regain_its_definition()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.UndefineDomainAsync(web.Uuid, UndefineOptions.None, Cancel);
        Assert.False((await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).Persistent);
        DomainRecord kept = await qemu.Driver.DefineDomainAsync(QemuFixture.Xml("web", memory: 256, uuid: web.Uuid), DefineOptions.None, Cancel);
        Assert.Equal((true, 64L << 20), (kept.Persistent, kept.MaximumMemory));
        DomainRecord off = await qemu.Driver.DestroyDomainAsync(web.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(256L << 20, off.MaximumMemory);
    }

    [Fact]
    public async Task Given_xml_starts_a_defined_domain_which_keeps_its_definition()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.DefineAsync("web");
        DomainRecord live = await qemu.Driver.CreateDomainAsync(QemuFixture.Xml("web", memory: 96, uuid: web.Uuid), StartOptions.None, Cancel);
        Assert.Equal((true, 96L << 20), (live.Persistent, live.MaximumMemory));
        await Assert.ThrowsAsync<VirtInvalidStateException>(
            () => qemu.Driver.CreateDomainAsync(QemuFixture.Xml("web", uuid: web.Uuid), StartOptions.None, Cancel).AsTask());
        DomainRecord off = await qemu.Driver.DestroyDomainAsync(web.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(64L << 20, off.MaximumMemory);
    }

    [Fact]
    public async Task A_start_that_fails_says_why_and_leaves_nothing()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        const string Disk = "<disk type='file' device='disk'><source file='/nonexistent/disk.img'/><target dev='vda'/></disk>";
        DomainRecord web = await qemu.DefineAsync("web", Disk);
        qemu.ForgetEvents();
        VirtException missing = await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.SystemError, missing.Code);
        Assert.Contains("/nonexistent/disk.img", missing.Message, StringComparison.Ordinal);
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Failed), (after.State, after.Reason));

        qemu.Planner.Extra.AddRange(["-device", "no-such-device"]);
        VirtException refused = await Assert.ThrowsAsync<VirtException>(
            () => qemu.Driver.CreateDomainAsync(QemuFixture.Xml("bad"), StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.InternalError, refused.Code);
        Assert.Contains("no-such-device", refused.Message, StringComparison.Ordinal);
        Assert.Equal("web", Assert.Single(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel)).Name);
        Assert.Empty(qemu.EventNames);

        qemu.Planner.Executable = "/nonexistent/qemu";
        VirtException absent = await Assert.ThrowsAsync<VirtException>(
            () => qemu.Driver.CreateDomainAsync(QemuFixture.Xml("bad"), StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.SystemError, absent.Code);
        Assert.Single(Directory.EnumerateFileSystemEntries(qemu.Folders.Run));
    }

    [Fact]
    public async Task What_makes_no_sense_in_a_state_is_an_invalid_operation()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord off = await qemu.DefineAsync("off");
        DomainRecord on = await qemu.StartAsync("on");
        DomainRecord paused = await qemu.StartAsync("paused", StartOptions.Paused);
        var driver = qemu.Driver;
        Func<Task>[] senseless =
        [
            () => driver.DestroyDomainAsync(off.Uuid, DestroyOptions.None, Cancel).AsTask(),
            () => driver.ShutdownDomainAsync(off.Uuid, ShutdownMode.Default, Cancel).AsTask(),
            () => driver.SuspendDomainAsync(off.Uuid, Cancel).AsTask(),
            () => driver.ResumeDomainAsync(off.Uuid, Cancel).AsTask(),
            () => driver.ResetDomainAsync(off.Uuid, Cancel).AsTask(),
            () => driver.RebootDomainAsync(off.Uuid, ShutdownMode.Default, Cancel).AsTask(),
            () => driver.SaveDomainAsync(off.Uuid, Cancel).AsTask(),
            () => driver.ChangeDomainAsync(off.Uuid, new DomainChange(Memory: 1 << 20), ChangeScope.Live, Cancel).AsTask(),
            () => driver.StartDomainAsync(on.Uuid, StartOptions.None, Cancel).AsTask(),
            () => driver.ResumeDomainAsync(on.Uuid, Cancel).AsTask(),
            () => driver.RenameDomainAsync(on.Uuid, "x", Cancel).AsTask(),
            () => driver.ChangeDomainAsync(on.Uuid, new DomainChange(MaximumMemory: 1 << 30), ChangeScope.Current, Cancel).AsTask(),
            () => driver.ShutdownDomainAsync(paused.Uuid, ShutdownMode.Default, Cancel).AsTask(),
        ];
        foreach (Func<Task> call in senseless)
            await Assert.ThrowsAsync<VirtInvalidStateException>(call);
        VirtException noAgent = await Assert.ThrowsAsync<VirtException>(() => driver.ShutdownDomainAsync(on.Uuid, ShutdownMode.Agent, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.ArgumentUnsupported, noAgent.Code);
    }
}
