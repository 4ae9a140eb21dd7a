using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

/// <summary>What the state table cannot say in one cell.</summary>
public sealed class TransitionTests
{
    [Fact]
    public async Task Ids_are_positive_and_grow_while_active_and_are_none_when_off()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        int first = (await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel)).Id!.Value;
        DomainRecord off = await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);
        int second = (await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel)).Id!.Value;

        Assert.True(first > 0);
        Assert.True(second > first);
        Assert.Null(off.Id);
        Assert.Equal(Conditions.Uuid, (await host.Driver.GetDomainByIdAsync(second, HostFixture.Cancel)).Uuid);
        await HostFixture.FailsAsync(VirtErrorCode.NoDomain, host.Driver.GetDomainByIdAsync(first, HostFixture.Cancel));
    }

    [Fact]
    public async Task Starting_uses_up_a_managed_save()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);

        DomainRecord saved = await host.Driver.SaveDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        DomainRecord started = await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);

        Assert.True(saved.HasSavedState);
        Assert.False(started.HasSavedState);
        Assert.Equal(DomainStateReason.Restored, started.Reason);
    }

    [Fact]
    public async Task Saved_while_paused_it_comes_back_paused()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Paused);
        await host.Driver.SaveDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        host.Drain();

        DomainRecord started = await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);

        Assert.Equal((DomainState.Paused, DomainStateReason.Migration), (started.State, started.Reason));
        Assert.Equal("Started/Restored Suspended/Restored", host.Drain());
    }

    [Fact]
    public async Task Creating_over_a_managed_save_boots_afresh_and_leaves_the_save()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Saved);

        DomainRecord running = await host.Driver.CreateDomainAsync(Conditions.Xml(memory: "3"), StartOptions.None, HostFixture.Cancel);
        DomainRecord off = await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);

        Assert.Equal((true, true, 3L << 30), (running.HasSavedState, running.Persistent, running.MaximumMemory));
        Assert.Equal((true, 1L << 30), (off.HasSavedState, off.MaximumMemory));
    }

    [Fact]
    public async Task A_definition_given_while_it_runs_is_for_the_next_start()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);

        DomainRecord defined = await host.Driver.DefineDomainAsync(Conditions.Xml(memory: "2"), DefineOptions.None, HostFixture.Cancel);
        await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);
        DomainRecord again = await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);

        Assert.Equal(1L << 30, defined.MaximumMemory);
        Assert.Equal(2L << 30, again.MaximumMemory);
    }

    [Fact]
    public async Task Undefined_while_it_runs_it_is_gone_when_it_ends()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.UndefineDomainAsync(Conditions.Uuid, UndefineOptions.None, HostFixture.Cancel);
        Assert.False((await host.FindAsync(Conditions.Name)).Persistent);

        DomainRecord ended = await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);

        Assert.Equal((DomainState.Shutoff, DomainStateReason.Destroyed), (ended.State, ended.Reason));
        await HostFixture.FailsAsync(VirtErrorCode.NoDomain, host.Driver.GetDomainByNameAsync(Conditions.Name, HostFixture.Cancel));
        Assert.Empty(await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel));
    }

    [Fact]
    public async Task A_guest_that_is_paused_after_the_power_button_goes_off_when_it_is_resumed()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.ShutdownDomainAsync(Conditions.Uuid, ShutdownMode.Acpi, HostFixture.Cancel);
        await host.Driver.SuspendDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("Suspended/Paused", host.Drain());

        await host.Driver.ResumeDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        host.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(
            ["Resumed/Unpaused", "Shutdown/Guest", "Stopped/Shutdown"], (await host.TakeAsync(3)).Select(HostFixture.Word));
    }

    [Fact]
    public async Task The_power_button_of_one_run_does_not_end_the_next()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.ShutdownDomainAsync(Conditions.Uuid, ShutdownMode.Acpi, HostFixture.Cancel);
        await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);
        await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);
        await host.Driver.ShutdownDomainAsync(await DefineAnotherAsync(host), ShutdownMode.Acpi, HostFixture.Cancel);
        host.Drain();

        host.Time.Advance(TimeSpan.FromHours(1));

        Assert.All(await host.TakeAsync(2), happened => Assert.Equal("another", happened.Domain.Name));
        Assert.Equal(DomainState.Running, (await host.FindAsync(Conditions.Name)).State);
    }

    [Fact]
    public async Task A_guest_without_acpi_does_not_hear_the_power_button()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        DomainRecord asked = await host.Driver.ShutdownDomainAsync(await host.UuidAsync("legacy1"), ShutdownMode.Default, HostFixture.Cancel);

        Assert.Equal(DomainState.Running, asked.State);
        Assert.Equal(0, host.Time.Pending);
    }

    [Fact]
    public async Task A_guest_with_an_agent_hears_it_without_acpi()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        string xml = Conditions.Xml().Replace(
            "<features><acpi/></features>",
            "<devices><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices>",
            StringComparison.Ordinal);
        await host.Driver.CreateDomainAsync(xml, StartOptions.None, HostFixture.Cancel);
        host.Drain();

        await host.Driver.ShutdownDomainAsync(Conditions.Uuid, ShutdownMode.Agent, HostFixture.Cancel);
        host.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(["Shutdown/Guest", "Stopped/Shutdown"], (await host.TakeAsync(2)).Select(HostFixture.Word));
    }

    [Fact]
    public async Task A_reboot_ends_a_domain_whose_on_reboot_is_destroy()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.ChangeDomainAsync(
            Conditions.Uuid, new DomainChange(OnReboot: LifecycleAction.Destroy), ChangeScope.Live, HostFixture.Cancel);

        await host.Driver.RebootDomainAsync(Conditions.Uuid, ShutdownMode.Acpi, HostFixture.Cancel);
        host.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(["Shutdown/Guest", "Stopped/Shutdown"], (await host.TakeAsync(2)).Select(HostFixture.Word));
    }

    [Theory]
    [InlineData("absent", VirtErrorCode.NoNetwork)]
    [InlineData("down", VirtErrorCode.OperationInvalid)]
    public async Task A_start_that_fails_leaves_the_domain_off_and_tells_nobody(string network, VirtErrorCode code)
    {
        string domain = Conditions.Xml().Replace(
            "</domain>",
            $"<devices><interface type='network'><source network='{network}'/></interface></devices></domain>",
            StringComparison.Ordinal);
        string node = Conditions.Node("<test:runstate>5</test:runstate>", domain).Replace(
            "</node>", "<network><name>down</name><test:runstate>5</test:runstate></network></node>", StringComparison.Ordinal);
        await using HostFixture host = await HostFixture.FromXmlAsync(node);

        VirtException error = await HostFixture.FailsAsync(
            code, host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel));

        Assert.Contains(network, error.Message, StringComparison.Ordinal);
        DomainRecord after = await host.FindAsync(Conditions.Name);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Failed), (after.State, after.Reason));
        Assert.Equal(string.Empty, host.Drain());

        await host.Driver.UndefineDomainAsync(Conditions.Uuid, UndefineOptions.None, HostFixture.Cancel);
        await HostFixture.FailsAsync(code, host.Driver.CreateDomainAsync(domain, StartOptions.None, HostFixture.Cancel));
        Assert.Empty(await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel));
    }

    [Fact]
    public async Task Snapshots_hold_a_definition_until_their_metadata_goes_too()
    {
        await using HostFixture host = await HostFixture.FromXmlAsync(
            Conditions.Node("<test:runstate>5</test:runstate><test:domainsnapshot/>"));
        Assert.True((await host.FindAsync(Conditions.Name)).HasSnapshot);

        await HostFixture.FailsAsync(
            VirtErrorCode.OperationInvalid,
            async () => await host.Driver.UndefineDomainAsync(Conditions.Uuid, UndefineOptions.None, HostFixture.Cancel));
        await host.Driver.UndefineDomainAsync(Conditions.Uuid, UndefineOptions.SnapshotsMetadata, HostFixture.Cancel);

        Assert.Empty(await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel));
    }

    [Fact]
    public async Task Unknown_options_are_invalid_arguments()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        Guid id = Conditions.Uuid;
        CancellationToken none = HostFixture.Cancel;

        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.StartDomainAsync(id, (StartOptions)0x400, none));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.DestroyDomainAsync(id, (DestroyOptions)2, none));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.ShutdownDomainAsync(id, (ShutdownMode)77, none));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.GetDomainXmlAsync(id, (XmlOptions)0x100, none));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.DefineDomainAsync(Conditions.Xml(), (DefineOptions)8, none));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, host.Driver.ChangeDomainAsync(id, new DomainChange(), (ChangeScope)9, none));
        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, async () => await host.Driver.UndefineDomainAsync(id, (UndefineOptions)0x800, none));
    }

    private static async Task<Guid> DefineAnotherAsync(HostFixture host)
    {
        DomainRecord another = await host.Driver.CreateDomainAsync(
            Conditions.Xml("another", Guid.NewGuid()), StartOptions.None, HostFixture.Cancel);
        return another.Uuid;
    }
}
