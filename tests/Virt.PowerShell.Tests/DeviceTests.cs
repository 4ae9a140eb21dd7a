using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class DeviceTests
{
    [Fact]
    public async Task Devices_of_all_domains_come_with_one_call_to_each_host()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        var command = lab.Run(new GetVirtDiskCommand { Name = Lab.Names("*") });
        Assert.Empty(command.Errors);
        Assert.Equal(["ListDomains", "ListDomainDevices"], Calls(lab["h1"]));
        Assert.Equal(["ListDomains", "ListDomainDevices"], Calls(lab["h2"]));
        Assert.True(command.Output.Cast<VirtDisk>().Count(disk => disk.VirtHost.Name == "h2") > 5);
    }

    [Fact]
    public async Task Domains_of_the_pipeline_are_gathered()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(
            new GetVirtDiskCommand { Brief = true }, null,
            [new DomainIdentity(await lab.DomainAsync("web1"))], [new DomainIdentity(await lab.DomainAsync("db1"))]);
        Assert.Equal(1, Calls(lab["h1"]).Count(call => call == "ListDomainDevices"));
        Assert.Equal(["vda", "sda", "vda", "vdb"], command.Output.Cast<VirtDisk>().Select(disk => disk.Target));
    }

    [Fact]
    public async Task A_target_that_is_missing_is_an_error_that_lists_the_others()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.Run(new GetVirtDiskCommand { Name = Lab.Names("db1"), Target = ["vdz", "vdb"] })
            .Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal("vdz", error.TargetObject);
        Assert.Contains("vda, vdb", error.ErrorDetails!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_and_places_are_raw()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var disk = (VirtDisk)lab.Run(new GetVirtDiskCommand { Name = Lab.Names("web1"), Target = ["vda"] }).Output.Single();
        Assert.Equal(10L << 30, disk.Capacity);
        Assert.Equal(("/guest/web1.qcow2", "virtio", "disk", ChangeScope.Both), (disk.Path, disk.Bus, disk.Device, disk.Presence));
    }

    [Fact]
    public async Task A_new_disk_gets_an_image_and_a_free_target()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new AddVirtDiskCommand { Name = Lab.Names("web1"), Disk = [DiskSpec.FromText("5GB")], Scope = ChangeScope.Both });
        Assert.Empty(command.Errors);
        Assert.Empty(command.Warnings);
        var disk = Assert.IsType<VirtDisk>(Assert.Single(command.Output));
        Assert.Equal(("vdb", "/guest/web1-2.qcow2", "qcow2", 5L << 30), (disk.Target, disk.Path, disk.Format, disk.Capacity));
        Assert.Equal("Add new 5 GiB image 'web1-2.qcow2' to domain 'web1' (Both) on h1", Assert.Single(command.Effects));
    }

    [Fact]
    public async Task An_image_is_removed_again_when_its_disk_cannot_be_added()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new AddVirtDiskCommand { Name = Lab.Names("web1"), Disk = [DiskSpec.FromText("x:5GB") with { Target = "vda" }] })
            .Error("VirtInvalidDefinition", ErrorCategory.InvalidData);
        // The name is free again.
        Assert.Empty(lab.Run(new AddVirtDiskCommand { Name = Lab.Names("web1"), Disk = [DiskSpec.FromText("x:5GB")] }).Errors);
    }

    [Fact]
    public async Task What_is_not_where_it_was_asked_for_is_a_warning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains(
            "definition", Assert.Single(lab.Run(new AddVirtNicCommand { Name = Lab.Names("web1"), Network = [new("user")] }).Warnings),
            StringComparison.Ordinal);
        Assert.Empty(lab.Run(
            new AddVirtNicCommand { Name = Lab.Names("web1"), Network = [new("user")], Scope = ChangeScope.Live }).Warnings);
        Assert.Empty(lab.Run(new AddVirtNicCommand { Name = Lab.Names("web2"), Network = [new("user")] }).Warnings);
    }

    [Fact]
    public async Task Media_go_in_and_out_of_the_only_drive()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var put = lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web1"), Iso = "/iso/a.iso", Scope = ChangeScope.Both, PassThru = true });
        Assert.Equal("/iso/a.iso", Assert.IsType<VirtDisk>(Assert.Single(put.Output)).Path);
        var again = lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web1"), Iso = "/iso/a.iso" });
        Assert.Contains("already", Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal(1, Calls(lab["h1"]).Count(call => call.StartsWith("UpdateDevice", StringComparison.Ordinal)));
        lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web1"), Eject = true, Scope = ChangeScope.Both });
        var drive = (VirtDisk)lab.Run(new GetVirtDiskCommand { Name = Lab.Names("web1"), Target = ["sda"] }).Output.Single();
        Assert.Null(drive.Path);
    }

    [Fact]
    public async Task A_medium_for_a_disk_is_an_error_about_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web1"), Target = ["vda"], Eject = true })
            .Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        lab.Run(new SetVirtDiskCommand { Name = Lab.Names("db1"), Iops = 5 })
            .Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        Assert.Equal(
            "VirtInvalidArgument", lab.RunToItsEnd(new SetVirtDiskCommand { Name = Lab.Names("web1") }).FullyQualifiedErrorId);
        Assert.Equal(
            "VirtInvalidArgument",
            lab.RunToItsEnd(new SetVirtDiskCommand { Name = Lab.Names("web1"), Iso = "/a", Eject = true }).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Limits_are_set_and_taken_away()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web2"), Target = ["vda"], Iops = 100, ReadBytesPerSecond = 1 << 20 });
        Assert.Equal(new DiskLimits(ReadBytesPerSecond: 1 << 20, Iops: 100), (await DiskAsync(lab)).Limits);
        lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web2"), Target = ["vda"], Iops = 0, ReadBytesPerSecond = 0 });
        Assert.False((await DiskAsync(lab)).Limits.Any);

        static Task<VirtDisk> DiskAsync(Lab lab) =>
            Task.FromResult((VirtDisk)lab.Run(new GetVirtDiskCommand { Name = Lab.Names("web2"), Target = ["vda"] }).Output.Single());
    }

    [Fact]
    public async Task Disks_grow()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new SetVirtDiskCommand { Name = Lab.Names("web1"), Target = ["vda"], Size = 40L << 30 });
        Assert.Empty(command.Errors);
        Assert.Equal("Set size to 40 GiB of disk vda of domain 'web1' on h1", Assert.Single(command.Effects));
        Assert.Contains("ResizeDisk", Calls(lab["h1"]));
    }

    [Fact]
    public async Task Devices_from_the_pipeline_are_meant_themselves()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var disks = lab.Run(new GetVirtDiskCommand { Name = Lab.Names("db1") }).Output.Cast<VirtDisk>().ToArray();
        var command = lab.Run(
            new RemoveVirtDiskCommand { Scope = ChangeScope.Config, PassThru = true }, null, [new DomainIdentity(disks[1])]);
        Assert.Equal("vdb", Assert.IsType<VirtDisk>(Assert.Single(command.Output)).Target);
        Assert.Equal("Remove disk vdb from paused domain 'db1' (Config) on h1", Assert.Single(command.Effects));
        lab.Run(new RemoveVirtDiskCommand { Scope = ChangeScope.Config }, null, [new DomainIdentity(disks[1])])
            .Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task What_goes_must_be_said()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new RemoveVirtDiskCommand { Name = Lab.Names("db1") }).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        lab.Run(new RemoveVirtNicCommand { Name = Lab.Names("db1") }).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        lab.Run(new RemoveVirtDeviceCommand { Name = Lab.Names("db1") }).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        Assert.DoesNotContain(Calls(lab["h1"]), call => call.StartsWith("Detach", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_goes_with_its_image()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new AddVirtDiskCommand { Name = Lab.Names("web2"), Disk = [DiskSpec.FromText("x:5GB")] });
        Assert.Empty(lab.Run(new RemoveVirtDiskCommand { Name = Lab.Names("web2"), Target = ["vdb"], DeleteImage = true }).Errors);
        Assert.Empty(lab.Run(new AddVirtDiskCommand { Name = Lab.Names("web2"), Disk = [DiskSpec.FromText("x:5GB")] }).Errors);
    }

    [Fact]
    public async Task Cards_are_changed_by_their_address()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new SetVirtNicCommand
        {
            Name = Lab.Names("web1"), Connected = false, InboundLimit = 1500, Network = [new("bridge", "br9")], Scope = ChangeScope.Config,
            PassThru = true,
        });
        Assert.Empty(command.Errors);
        var nic = Assert.IsType<VirtNic>(Assert.Single(command.Output));
        Assert.Equal(("bridge", "br9", false, 2048L), (nic.SourceType, nic.Source, nic.Connected, nic.InboundLimit));
        Assert.Equal(
            "Set source to bridge br9, cable unplugged, inbound limit to 1.46 KiB/s of network card 52:54:00:00:00:01 of domain 'web1' (Config) on h1",
            Assert.Single(command.Effects));
    }

    [Fact]
    public async Task Two_cards_need_an_address()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new AddVirtNicCommand { Name = Lab.Names("web2"), Network = [new("user")], Mac = "52-54-00-AA-BB-CC" });
        lab.Run(new SetVirtNicCommand { Name = Lab.Names("web2"), Connected = false })
            .Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        Assert.Empty(lab.Run(new RemoveVirtNicCommand { Name = Lab.Names("web2"), Mac = ["52:54:00:aa:bb:cc"] }).Errors);
    }

    [Fact]
    public async Task Devices_of_any_type_are_added_changed_and_removed()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var added = lab.Run(new AddVirtDeviceCommand { Name = Lab.Names("web2"), Type = "Watchdog" }, "Type");
        Assert.Empty(added.Errors);
        Assert.Equal("Add watchdog (i6300esb) to domain 'web2' on h1", Assert.Single(added.Effects));
        Assert.Empty(lab.Run(
            new SetVirtDeviceCommand { Name = Lab.Names("web2"), Type = "watchdog", Property = Table(("Action", "poweroff")) }, "Property").Errors);
        var shown = (PSObject)lab.Run(new GetVirtDeviceCommand { Name = Lab.Names("web2"), Type = ["watchdog"] }).Output.Single();
        Assert.Equal("poweroff", XElement.Parse(((VirtDevice)shown.BaseObject).Xml).Attribute("action")!.Value);
        Assert.Empty(lab.Run(new RemoveVirtDeviceCommand { Name = Lab.Names("web2"), Type = ["watchdog"] }).Errors);
        Assert.Empty(lab.Run(new GetVirtDeviceCommand { Name = Lab.Names("web2"), Type = ["watchdog"] }).Output);
    }

    [Fact]
    public async Task Xml_adds_changes_and_removes_what_it_says()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        DomainXml watchdog = new("<watchdog model='i6300esb' action='reset'/>");
        Assert.Empty(lab.Run(new AddVirtDeviceCommand { Name = Lab.Names("web2"), Xml = [watchdog] }, "Xml").Errors);
        DomainXml other = new("<watchdog model='i6300esb' action='pause'/>");
        Assert.Empty(lab.Run(new SetVirtDeviceCommand { Name = Lab.Names("web2"), Xml = other }, "Xml").Errors);
        Assert.Empty(lab.Run(new RemoveVirtDeviceCommand { Name = Lab.Names("web2"), Xml = other }).Errors);
        lab.Run(new RemoveVirtDeviceCommand { Name = Lab.Names("web2"), Xml = other }).Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal(
            "VirtInvalidDefinition",
            lab.RunToItsEnd(new AddVirtDeviceCommand { Name = Lab.Names("web2"), Xml = [new("<rgn/>")] }, "Xml").FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Memory", "Sise", 5, "It can have Size")]
    [InlineData("watchdog", "Action", "explode", "Use reset, shutdown")]
    [InlineData("disk", "Path", "/x", "Add-VirtDisk")]
    [InlineData("nothing", "Path", "/x", "Types that can: memory")]
    [InlineData("hostdev", "Address", "12", "Give a PCI address")]
    public async Task What_a_type_cannot_be_is_told_with_what_it_can(string type, string key, object value, string said)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.RunToItsEnd(
            new AddVirtDeviceCommand { Name = Lab.Names("web2"), Type = type, Property = Table((key, value)) }, "Type");
        Assert.Equal("VirtInvalidArgument", error.FullyQualifiedErrorId);
        Assert.Contains(said, error.ErrorDetails!.Message, StringComparison.Ordinal);
    }

    private static string[] Calls(SpyConnection connection) =>
        [.. connection.Spy.Calls.Where(call => call is not ("GetHost" or "GetDomainByName"))];

    private static System.Collections.Hashtable Table(params (string Key, object Value)[] entries)
    {
        var table = new System.Collections.Hashtable();
        foreach ((string key, object value) in entries)
            table[key] = value;
        return table;
    }
}
