using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class ChangeTests
{
    private const long Mega = 1L << 20;

    [Theory]
    [InlineData(ChangeScope.Current, 512, 1024)]
    [InlineData(ChangeScope.Live, 512, 1024)]
    [InlineData(ChangeScope.Config, 1024, 512)]
    [InlineData(ChangeScope.Both, 512, 512)]
    public async Task A_change_of_a_running_domain_goes_where_the_scope_says(ChangeScope scope, long live, long config)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);

        DomainRecord changed = await ChangeAsync(host, new DomainChange(Memory: 512 * Mega), scope);

        Assert.Equal(live * Mega, changed.Memory);
        Assert.Equal(config * Mega, (await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel)).Memory);
    }

    [Fact]
    public async Task Everything_can_be_changed_in_one_call_while_off()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        var change = new DomainChange(
            Memory: 3000 * Mega, MaximumMemory: 4000 * Mega, VCpu: 3, MaximumVCpu: 8, Title: "T <&>", Description: "two\nlines", Autostart: true,
            OnPoweroff: LifecycleAction.Restart, OnReboot: LifecycleAction.Destroy, OnCrash: LifecycleAction.Preserve,
            BootOrder: ["network", "hd"]);

        DomainRecord changed = await ChangeAsync(host, change, ChangeScope.Current);

        Assert.Equal(
            (3000 * Mega, 4000 * Mega, 3, 8, "T <&>", "two\nlines", true),
            (changed.Memory, changed.MaximumMemory, changed.VCpu, changed.MaximumVCpu, changed.Title, changed.Description, changed.Autostart));
        XElement xml = XElement.Parse(await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.None, HostFixture.Cancel));
        Assert.Equal("restart,destroy,preserve", $"{xml.Element("on_poweroff")?.Value},{xml.Element("on_reboot")?.Value},{xml.Element("on_crash")?.Value}");
        Assert.Equal(["network", "hd"], xml.Element("os")!.Elements("boot").Select(boot => boot.Attribute("dev")!.Value));
        Assert.Equal(string.Empty, host.Drain());
    }

    [Fact]
    public async Task A_lower_maximum_takes_the_current_value_with_it()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await ChangeAsync(host, new DomainChange(VCpu: 2), ChangeScope.Config);

        DomainRecord changed = await ChangeAsync(host, new DomainChange(MaximumMemory: 100 * Mega, MaximumVCpu: 1), ChangeScope.Config);

        Assert.Equal((100 * Mega, 100 * Mega, 1, 1), (changed.Memory, changed.MaximumMemory, changed.VCpu, changed.MaximumVCpu));
    }

    [Fact]
    public async Task An_empty_title_is_removed_and_no_change_is_no_call()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        DomainRecord before = await host.FindAsync("web2");

        DomainRecord same = await host.Driver.ChangeDomainAsync(before.Uuid, new DomainChange(), ChangeScope.Live, HostFixture.Cancel);
        DomainRecord bare = await host.Driver.ChangeDomainAsync(before.Uuid, new DomainChange(Title: ""), ChangeScope.Current, HostFixture.Cancel);

        Assert.Equal(before, same);
        Assert.Null(bare.Title);
    }

    public static TheoryData<DomainChange> Impossible() =>
    [
        new DomainChange(Memory: 0),
        new DomainChange(Memory: -1),
        new DomainChange(Memory: 2048 * Mega),
        new DomainChange(VCpu: 0),
        new DomainChange(VCpu: 3),
        new DomainChange(MaximumVCpu: 1_000_000),
        new DomainChange(MaximumMemory: long.MinValue),
        new DomainChange(Title: "two\nlines"),
        new DomainChange(Title: "bell\u0007"),
        new DomainChange(Description: "half\ud800"),
        new DomainChange(BootOrder: ["floppy"]),
        new DomainChange(OnPoweroff: LifecycleAction.CoredumpRestart),
        new DomainChange(OnCrash: (LifecycleAction)99),
    ];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Impossible))]
    public async Task What_cannot_be_is_an_invalid_argument_and_changes_nothing(DomainChange change)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        DomainRecord before = await host.FindAsync(Conditions.Name);

        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, () => ChangeAsync(host, change with { Autostart = true }, ChangeScope.Config));

        Assert.Equal(before, await host.FindAsync(Conditions.Name));
    }

    [Fact]
    public async Task A_change_of_both_is_all_or_nothing()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        await host.Driver.DefineDomainAsync(
            Conditions.Xml().Replace("unit='GiB'>1<", "unit='MiB'>100<", StringComparison.Ordinal), DefineOptions.None, HostFixture.Cancel);

        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, () => ChangeAsync(host, new DomainChange(Memory: 512 * Mega), ChangeScope.Both));

        Assert.Equal(1024 * Mega, (await host.FindAsync(Conditions.Name)).Memory);
    }

    private static async Task<DomainRecord> ChangeAsync(HostFixture host, DomainChange change, ChangeScope scope) =>
        await host.Driver.ChangeDomainAsync(Conditions.Uuid, change, scope, HostFixture.Cancel);
}
