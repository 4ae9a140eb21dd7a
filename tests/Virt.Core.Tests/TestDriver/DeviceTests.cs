using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

public sealed class DeviceTests
{
    private const string Disk = "<disk type='file' device='disk'><source file='/new.img'/><target dev='vdb' bus='virtio'/></disk>";
    private const string Nic = "<interface type='user'><mac address='52:54:00:00:00:09'/><model type='virtio'/></interface>";
    private const string Video = "<video><model type='vga'/></video>";
    private const string Cdrom = "<disk type='file' device='cdrom'><source file='/old.iso'/><target dev='sda' bus='sata'/></disk>";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static TheoryData<string, Condition, ChangeScope, VirtErrorCode> States()
    {
        var table = new TheoryData<string, Condition, ChangeScope, VirtErrorCode>();
        foreach (string call in (string[])["attach", "detach", "update"])
        {
            foreach (Condition condition in Enum.GetValues<Condition>())
            {
                bool active = condition is not (Condition.Off or Condition.Saved);
                foreach (ChangeScope scope in Enum.GetValues<ChangeScope>())
                {
                    bool live = (scope & ChangeScope.Live) != 0 || (scope == ChangeScope.Current && active);
                    bool config = (scope & ChangeScope.Config) != 0 || (scope == ChangeScope.Current && !active);
                    bool invalid = (live && !active) || (config && condition == Condition.Transient);
                    table.Add(call, condition, scope, invalid ? VirtErrorCode.OperationInvalid : VirtErrorCode.Ok);
                }
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_call_is_possible_where_the_scope_names_what_is_there(string call, Condition condition, ChangeScope scope, VirtErrorCode expected)
    {
        await using HostFixture host = await WithDisksAsync(condition);
        Task<DeviceChange> changing = call switch
        {
            "attach" => AttachAsync(host, Nic, scope),
            // A guest that does not run keeps its devices; what counts here is which calls are refused at once.
            "detach" => DetachAsync(host, Cdrom.Replace("sda", "vdc", StringComparison.Ordinal), scope),
            _ => UpdateAsync(host, Cdrom.Replace("/old.iso", "/new.iso", StringComparison.Ordinal), scope),
        };
        VirtErrorCode possible = call == "detach" ? VirtErrorCode.DeviceMissing : VirtErrorCode.Ok;

        VirtErrorCode code = await CodeAsync(changing);

        Assert.Equal(expected == VirtErrorCode.Ok ? possible : expected, code);
    }

    [Fact]
    public async Task A_device_is_attached_live_with_an_alias_and_is_no_part_of_the_definition()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);

        DeviceChange change = await AttachAsync(host, Disk, ChangeScope.Live);

        Assert.Equal(ChangeScope.Live, change.Applied);
        Assert.Contains("alias", change.Xml, StringComparison.Ordinal);
        Assert.Single(change.Notes);
        Assert.Equal(ChangeScope.Live, (await FindAsync(host, "vdb")).Presence);
        Assert.DoesNotContain("vdb", await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.Inactive, HostFixture.Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChangeScope.Live, VirtErrorCode.XmlError)]
    [InlineData(ChangeScope.Config, VirtErrorCode.OperationInvalid)]
    public async Task A_target_that_is_taken_has_libvirts_code(ChangeScope scope, VirtErrorCode code)
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);
        string before = await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.None, HostFixture.Cancel);

        VirtException error = await HostFixture.FailsAsync(code, () => AttachAsync(host, Disk.Replace("vdb", "vda", StringComparison.Ordinal), scope));

        Assert.Contains("vda", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.None, HostFixture.Cancel));
    }

    [Fact]
    public async Task Both_is_all_or_nothing()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);
        await AttachAsync(host, Disk, ChangeScope.Live);

        await HostFixture.FailsAsync(VirtErrorCode.XmlError, () => AttachAsync(host, Disk, ChangeScope.Both));
        await HostFixture.FailsAsync(VirtErrorCode.DeviceMissing, () => DetachAsync(host, Disk, ChangeScope.Both));
        await HostFixture.FailsAsync(VirtErrorCode.InternalError, () => UpdateAsync(host, Disk, ChangeScope.Both));

        Assert.Equal(ChangeScope.Live, (await FindAsync(host, "vdb")).Presence);
    }

    [Theory]
    [InlineData(ChangeScope.Live)]
    [InlineData(ChangeScope.Config)]
    [InlineData(ChangeScope.Both)]
    public async Task What_is_not_there_is_missing_to_detach_and_an_internal_error_to_update(ChangeScope scope)
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);

        await HostFixture.FailsAsync(VirtErrorCode.DeviceMissing, () => DetachAsync(host, Disk, scope));
        await HostFixture.FailsAsync(VirtErrorCode.InternalError, () => UpdateAsync(host, Disk, scope));
    }

    [Fact]
    public async Task Detach_returns_once_the_guest_has_let_go()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);
        await AttachAsync(host, Disk, ChangeScope.Both);

        Task<DeviceChange> detaching = DetachAsync(host, "<disk><target dev='vdb'/></disk>", ChangeScope.Both);
        Assert.False(detaching.IsCompleted);
        Assert.Equal(ChangeScope.Both, (await FindAsync(host, "vdb")).Presence);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        DeviceChange change = await detaching;

        Assert.Equal(ChangeScope.Both, change.Applied);
        Assert.Null(await TryFindAsync(host, "vdb"));
    }

    [Fact]
    public async Task A_guest_that_keeps_a_device_lets_go_of_it_later()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Paused);
        Task<DeviceChange> detaching = DetachAsync(host, "<disk><target dev='vda'/></disk>", ChangeScope.Live);

        host.Time.Advance(Patience);
        await HostFixture.FailsAsync(VirtErrorCode.OperationTimeout, () => detaching);
        Assert.NotNull(await TryFindAsync(host, "vda"));
        await host.Driver.ResumeDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        host.Time.Advance(Patience);

        Assert.Null(await TryFindAsync(host, "vda"));
    }

    [Fact]
    public async Task A_guest_that_ends_ends_the_wait()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Paused);
        Task<DeviceChange> detaching = DetachAsync(host, "<disk><target dev='vda'/></disk>", ChangeScope.Live);

        await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);

        await HostFixture.FailsAsync(VirtErrorCode.OperationInvalid, () => detaching);
    }

    [Theory]
    [InlineData(Video)]
    [InlineData(Cdrom)]
    [InlineData("<controller type='pci' model='pcie-root-port'/>")]
    [InlineData("<filesystem type='mount'><source dir='/a'/><target dir='b'/></filesystem>")]
    [InlineData("<tpm model='tpm-crb'><backend type='emulator'/></tpm>")]
    public async Task What_cannot_be_plugged_says_so_and_can_be_defined(string xml)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);

        VirtException error = await HostFixture.FailsAsync(VirtErrorCode.OperationUnsupported, () => AttachAsync(host, xml, ChangeScope.Live));
        DeviceChange defined = await AttachAsync(host, xml, ChangeScope.Config);

        Assert.Contains("Config", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(defined.Notes);
    }

    [Fact]
    public async Task A_medium_is_changed_live_and_a_cache_is_not()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);

        DeviceChange changed = await UpdateAsync(host, Cdrom.Replace("/old.iso", "/new.iso", StringComparison.Ordinal), ChangeScope.Live);
        VirtException error = await HostFixture.FailsAsync(
            VirtErrorCode.OperationUnsupported,
            () => UpdateAsync(host, Cdrom.Replace("<source", "<driver name='qemu' cache='none'/><source", StringComparison.Ordinal), ChangeScope.Live));
        DeviceChange ejected = await UpdateAsync(
            host, "<disk type='file' device='cdrom'><target dev='sda'/></disk>", ChangeScope.Current);

        Assert.Contains("/new.iso", changed.Xml, StringComparison.Ordinal);
        Assert.Contains("driver", error.Message, StringComparison.Ordinal);
        Assert.Null(XElement.Parse(ejected.Xml).Element("source"));
        Assert.Contains("/old.iso", await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.Inactive, HostFixture.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_devices_of_many_domains_come_in_one_call()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        IReadOnlyList<DomainDeviceList> lists = await host.Driver.ListDomainDevicesAsync(
            new DomainFilter(), new DeviceQuery(["disk"], Details: true), HostFixture.Cancel);

        Assert.Equal(
            (await host.Driver.ListDomainsAsync(new DomainFilter(), HostFixture.Cancel)).Select(domain => domain.Uuid),
            lists.Select(list => list.Uuid));
        Assert.All(lists.SelectMany(list => list.Devices), device => Assert.Equal("disk", device.Kind));
    }

    [Fact]
    public async Task A_disk_grows_and_never_shrinks()
    {
        await using HostFixture host = await WithDisksAsync(Condition.Running);

        await host.Driver.ResizeDiskAsync(Conditions.Uuid, "vda", 20L << 30, HostFixture.Cancel);

        Assert.Equal(20L << 30, (await FindAsync(host, "vda", details: true)).Image!.Capacity);
        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, () => host.Driver.ResizeDiskAsync(Conditions.Uuid, "vda", 10L << 30, HostFixture.Cancel).AsTask());
        await HostFixture.FailsAsync(
            VirtErrorCode.InvalidArgument, () => host.Driver.ResizeDiskAsync(Conditions.Uuid, "vda", (30L << 30) + 1, HostFixture.Cancel).AsTask());
        await HostFixture.FailsAsync(
            VirtErrorCode.DeviceMissing, () => host.Driver.ResizeDiskAsync(Conditions.Uuid, "vdx", 30L << 30, HostFixture.Cancel).AsTask());
    }

    [Fact]
    public async Task Passwords_are_in_no_answer()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        DeviceChange change = await AttachAsync(host, "<graphics type='vnc' passwd='secret1'/>", ChangeScope.Config);
        IReadOnlyList<DomainDeviceList> lists = await host.Driver.ListDomainDevicesAsync(new DomainFilter(), new DeviceQuery(), HostFixture.Cancel);

        Assert.DoesNotContain("secret1", change.Xml, StringComparison.Ordinal);
        Assert.DoesNotContain(lists.Single().Devices, device => device.Xml.Contains("secret1", StringComparison.Ordinal));
        Assert.Contains(
            "secret1", await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.Secure, HostFixture.Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<disk", VirtErrorCode.XmlDetail)]
    [InlineData("<domain/>", VirtErrorCode.XmlError)]
    [InlineData("<emulator>/bin/sh</emulator>", VirtErrorCode.XmlError)]
    [InlineData("<a:disk xmlns:a='urn:a'/>", VirtErrorCode.XmlError)]
    public async Task What_is_no_device_is_refused(string xml, VirtErrorCode code)
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        await HostFixture.FailsAsync(code, () => AttachAsync(host, xml, ChangeScope.Config));
    }

    [Fact]
    public async Task Metadata_are_set_replaced_and_removed_by_their_namespace()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);

        await ChangeAsync(host, new DomainChange(Metadata: "<a:x xmlns:a='urn:a'>1</a:x>"));
        await ChangeAsync(host, new DomainChange(Metadata: "<b:x xmlns:b='urn:b'/>"));
        await ChangeAsync(host, new DomainChange(Metadata: "<a:y xmlns:a='urn:a'>2</a:y>"));
        XElement both = XElement.Parse(await host.Driver.GetDomainXmlAsync(Conditions.Uuid, XmlOptions.None, HostFixture.Cancel)).Element("metadata")!;
        await ChangeAsync(host, new DomainChange(RemoveMetadata: "urn:a"));

        Assert.Equal(["{urn:b}x", "{urn:a}y"], both.Elements().Select(element => element.Name.ToString()));
        await HostFixture.FailsAsync(VirtErrorCode.NoDomainMetadata, () => ChangeAsync(host, new DomainChange(RemoveMetadata: "urn:a")));
        await HostFixture.FailsAsync(VirtErrorCode.InvalidArgument, () => ChangeAsync(host, new DomainChange(Metadata: "<x/>")));
    }

    private static async Task<HostFixture> WithDisksAsync(Condition condition) => await HostFixture.FromXmlAsync(Conditions.Node(
        condition switch
        {
            Condition.Off => "<test:runstate>5</test:runstate>",
            Condition.Saved => "<test:runstate>5</test:runstate><test:hasmanagedsave/>",
            Condition.Paused => "<test:runstate>3</test:runstate>",
            Condition.PMSuspended => "<test:runstate>7</test:runstate>",
            Condition.Crashed => "<test:runstate>6</test:runstate>",
            Condition.Transient => "<test:transient/>",
            _ => "<test:runstate>1</test:runstate>",
        },
        Conditions.Xml().Replace(
            "</domain>", $"<devices>{Disk.Replace("vdb", "vda", StringComparison.Ordinal)}{Cdrom}</devices></domain>", StringComparison.Ordinal)));

    private static Task<DeviceChange> AttachAsync(HostFixture host, string xml, ChangeScope scope) =>
        host.Driver.AttachDeviceAsync(Conditions.Uuid, xml, scope, HostFixture.Cancel).AsTask();

    private static Task<DeviceChange> DetachAsync(HostFixture host, string xml, ChangeScope scope) =>
        host.Driver.DetachDeviceAsync(Conditions.Uuid, xml, scope, Patience, HostFixture.Cancel).AsTask();

    private static Task<DeviceChange> UpdateAsync(HostFixture host, string xml, ChangeScope scope) =>
        host.Driver.UpdateDeviceAsync(Conditions.Uuid, xml, scope, HostFixture.Cancel).AsTask();

    private static Task<DomainRecord> ChangeAsync(HostFixture host, DomainChange change) =>
        host.Driver.ChangeDomainAsync(Conditions.Uuid, change, ChangeScope.Config, HostFixture.Cancel).AsTask();

    private static async Task<DeviceRecord?> TryFindAsync(HostFixture host, string target, bool details = false)
    {
        IReadOnlyList<DomainDeviceList> lists = await host.Driver.ListDomainDevicesAsync(
            new DomainFilter(), new DeviceQuery(Details: details), HostFixture.Cancel);
        return lists.SelectMany(list => list.Devices).FirstOrDefault(device => device.Xml.Contains($"dev=\"{target}\"", StringComparison.Ordinal));
    }

    private static async Task<DeviceRecord> FindAsync(HostFixture host, string target, bool details = false) =>
        (await TryFindAsync(host, target, details))!;

    private static async Task<VirtErrorCode> CodeAsync(Task<DeviceChange> changing)
    {
        try
        {
            await changing;
            return VirtErrorCode.Ok;
        }
        catch (VirtException failed)
        {
            return failed.Code;
        }
    }
}
