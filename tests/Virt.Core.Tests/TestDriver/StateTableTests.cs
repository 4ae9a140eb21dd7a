using System.Globalization;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

/// <summary>
/// Every call in every condition. A cell is an error code, or the state and reason after it (or <c>gone</c>) and the events in
/// order; the guest's clock is moved on before a look.
/// </summary>
public sealed class StateTableTests
{
    private const string Boots = "Running/Booted: Resumed/Unpaused Started/Booted";
    private const string Ends = "Shutoff/Destroyed: Shutdown/Host Stopped/Destroyed";
    private const string ShutsDown = "Shutoff/Shutdown: Shutdown/Guest Stopped/Shutdown";
    private const string Undefined = "Undefined/Removed";
    private const string Updated = "Defined/Updated";

    private static readonly Dictionary<string, Func<IHypervisorDriver, Guid, CancellationToken, Task>> Calls = new()
    {
        ["start"] = async (d, id, c) => await d.StartDomainAsync(id, StartOptions.None, c),
        ["start paused"] = async (d, id, c) => await d.StartDomainAsync(id, StartOptions.Paused, c),
        ["start force boot"] = async (d, id, c) => await d.StartDomainAsync(id, StartOptions.ForceBoot, c),
        ["create"] = async (d, _, c) => await d.CreateDomainAsync(Conditions.Xml(), StartOptions.None, c),
        ["create paused"] = async (d, _, c) => await d.CreateDomainAsync(Conditions.Xml(), StartOptions.Paused, c),
        ["define"] = async (d, _, c) => await d.DefineDomainAsync(Conditions.Xml(memory: "2"), DefineOptions.None, c),
        ["undefine"] = async (d, id, c) => await d.UndefineDomainAsync(id, UndefineOptions.None, c),
        ["undefine managed save"] = async (d, id, c) => await d.UndefineDomainAsync(id, UndefineOptions.ManagedSave, c),
        ["destroy"] = async (d, id, c) => await d.DestroyDomainAsync(id, DestroyOptions.None, c),
        ["shutdown"] = async (d, id, c) => await d.ShutdownDomainAsync(id, ShutdownMode.Default, c),
        ["shutdown agent"] = async (d, id, c) => await d.ShutdownDomainAsync(id, ShutdownMode.Agent, c),
        ["reboot"] = async (d, id, c) => await d.RebootDomainAsync(id, ShutdownMode.Acpi, c),
        ["reset"] = async (d, id, c) => await d.ResetDomainAsync(id, c),
        ["suspend"] = async (d, id, c) => await d.SuspendDomainAsync(id, c),
        ["resume"] = async (d, id, c) => await d.ResumeDomainAsync(id, c),
        ["save"] = async (d, id, c) => await d.SaveDomainAsync(id, c),
        ["remove saved"] = async (d, id, c) => await d.RemoveSavedDomainAsync(id, c),
        ["rename"] = async (d, id, c) => await d.RenameDomainAsync(id, "other", c),
        ["max memory"] = async (d, id, c) => await d.ChangeDomainAsync(id, new DomainChange(MaximumMemory: 2L << 30), ChangeScope.Current, c),
        ["memory live"] = async (d, id, c) => await d.ChangeDomainAsync(id, new DomainChange(Memory: 1L << 29), ChangeScope.Live, c),
        ["vcpus live"] = async (d, id, c) => await d.ChangeDomainAsync(id, new DomainChange(VCpu: 2), ChangeScope.Live, c),
        ["memory config"] = async (d, id, c) => await d.ChangeDomainAsync(id, new DomainChange(Memory: 1L << 29), ChangeScope.Config, c),
        ["autostart"] = async (d, id, c) => await d.ChangeDomainAsync(id, new DomainChange(Autostart: true), ChangeScope.Current, c),
        ["xml"] = async (d, id, c) => await d.GetDomainXmlAsync(id, XmlOptions.None, c),
    };

    //                                  Off, Saved, Running, Paused, PMSuspended, Crashed, Transient
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["start"] = [Boots, "Running/Restored: Started/Restored Resumed/FromSnapshot", "55", "55", "55", "55", "55"],
        ["start paused"] =
        [
            "Paused/User: Started/Booted Suspended/Paused", "Paused/Migration: Started/Restored Suspended/Paused", "55", "55", "55", "55", "55",
        ],
        ["start force boot"] = [Boots, Boots, "55", "55", "55", "55", "55"],
        ["create"] = [Boots, Boots, "55", "55", "55", "55", "55"],
        ["create paused"] =
        [
            "Paused/User: Started/Booted Suspended/Paused", "Paused/User: Started/Booted Suspended/Paused", "55", "55", "55", "55", "55",
        ],
        ["define"] =
        [
            $"Shutoff/Unknown: {Updated}", $"Shutoff/Saved: {Updated}", $"Running/Booted: {Updated}", $"Paused/User: {Updated}",
            $"PMSuspended/Unknown: {Updated}", $"Crashed/Panicked: {Updated}", "Running/Booted: Defined/Added",
        ],
        ["undefine"] =
        [
            $"gone: {Undefined}", "55", $"Running/Booted: {Undefined}", $"Paused/User: {Undefined}", $"PMSuspended/Unknown: {Undefined}",
            $"Crashed/Panicked: {Undefined}", "55",
        ],
        ["undefine managed save"] =
        [
            $"gone: {Undefined}", $"gone: {Undefined}", $"Running/Booted: {Undefined}", $"Paused/User: {Undefined}",
            $"PMSuspended/Unknown: {Undefined}", $"Crashed/Panicked: {Undefined}", "55",
        ],
        ["destroy"] = ["55", "55", Ends, Ends, Ends, Ends, "gone: Shutdown/Host Stopped/Destroyed"],
        ["shutdown"] = ["55", "55", ShutsDown, "55", "55", "55", "gone: Shutdown/Guest Stopped/Shutdown"],
        ["shutdown agent"] = ["55", "55", "74", "55", "55", "55", "74"],
        ["reboot"] = ["55", "55", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:", "Running/Booted:"],
        ["reset"] = ["55", "55", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Paused/Crashed:", "Running/Booted:"],
        ["suspend"] = ["55", "55", "Paused/User: Suspended/Paused", "Paused/User:", "55", "Crashed/Panicked:", "Paused/User: Suspended/Paused"],
        ["resume"] = ["55", "55", "55", "Running/Unpaused: Resumed/Unpaused", "55", "Running/Unpaused: Resumed/Unpaused", "55"],
        ["save"] =
        [
            "55", "55", "Shutoff/Saved: Suspended/Paused Stopped/Saved", "Shutoff/Saved: Stopped/Saved",
            "Shutoff/Saved: Started/Wakeup Suspended/Paused Stopped/Saved", "Shutoff/Saved: Stopped/Saved", "55",
        ],
        ["remove saved"] = ["38", "Shutoff/Saved:", "38", "38", "38", "38", "38"],
        ["rename"] = ["Shutoff/Unknown: Undefined/Renamed Defined/Renamed", "55", "55", "55", "55", "55", "55"],
        ["max memory"] = ["Shutoff/Unknown:", "Shutoff/Saved:", "55", "55", "55", "55", "55"],
        ["memory live"] = ["55", "55", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:", "Running/Booted:"],
        ["vcpus live"] = ["55", "55", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:", "Running/Booted:"],
        ["memory config"] =
        [
            "Shutoff/Unknown:", "Shutoff/Saved:", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:", "55",
        ],
        ["autostart"] =
        [
            "Shutoff/Unknown:", "Shutoff/Saved:", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:", "55",
        ],
        ["xml"] =
        [
            "Shutoff/Unknown:", "Shutoff/Saved:", "Running/Booted:", "Paused/User:", "PMSuspended/Unknown:", "Crashed/Panicked:",
            "Running/Booted:",
        ],
    };

    public static TheoryData<string, Condition> Cells()
    {
        var cells = new TheoryData<string, Condition>();
        foreach (string call in Table.Keys)
        {
            foreach (Condition condition in Enum.GetValues<Condition>())
                cells.Add(call, condition);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_call_in_a_condition(string call, Condition condition)
    {
        string cell = Table[call][(int)condition];
        await using HostFixture host = await Conditions.HostAsync(condition);
        DomainRecord before = await host.FindAsync(Conditions.Name);

        if (int.TryParse(cell, CultureInfo.InvariantCulture, out int code))
        {
            VirtException error = await HostFixture.FailsAsync((VirtErrorCode)code, () => Calls[call](host.Driver, Conditions.Uuid, HostFixture.Cancel));
            Assert.False(string.IsNullOrEmpty(error.RecommendedAction));
            host.Time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(before with { CpuTime = default }, (await host.FindAsync(Conditions.Name)) with { CpuTime = default });
            Assert.Equal(string.Empty, host.Drain());
            return;
        }

        string[] parts = cell.Split(": ", 2);
        string events = parts.Length == 2 ? parts[1] : string.Empty;
        await Calls[call](host.Driver, Conditions.Uuid, HostFixture.Cancel);
        host.Time.Advance(TimeSpan.FromHours(1));

        IReadOnlyList<DomainLifecycleEvent> happened = await host.TakeAsync(events.Length == 0 ? 0 : events.Split(' ').Length);
        Assert.Equal(events, string.Join(' ', happened.Select(HostFixture.Word)));
        Assert.Equal(string.Empty, host.Drain());
        Assert.All(happened, one => Assert.Equal(Conditions.Uuid, one.Domain.Uuid));
        DomainRecord? after = (await host.Driver.ListDomainsAsync(DomainFilter.All, HostFixture.Cancel)).SingleOrDefault();
        Assert.Equal(parts[0].TrimEnd(':'), after is null ? "gone" : $"{after.State}/{after.Reason}");
        Assert.Equal(after?.IsActive ?? false, after?.StartedAt is not null);
    }

    [Fact]
    public async Task A_stale_identity_is_no_domain_for_every_call()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await host.Driver.UndefineDomainAsync(Conditions.Uuid, UndefineOptions.None, HostFixture.Cancel);

        foreach ((string call, Func<IHypervisorDriver, Guid, CancellationToken, Task> invoke) in Calls)
        {
            if (call is not ("create" or "create paused" or "define"))
                await HostFixture.FailsAsync(VirtErrorCode.NoDomain, () => invoke(host.Driver, Conditions.Uuid, HostFixture.Cancel));
        }
    }
}
