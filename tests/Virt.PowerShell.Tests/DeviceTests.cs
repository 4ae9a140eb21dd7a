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
        Outcome outcome = (await lab.RunAsync("Get-VirtDisk *")).Well();
        Assert.Equal(["ListDomains", "ListDomainDevices"], Calls(lab["h1"]));
        Assert.Equal(["ListDomains", "ListDomainDevices"], Calls(lab["h2"]));
        Assert.True(outcome.Output.Cast<VirtDisk>().Count(disk => disk.VirtHost.Name == "h2") > 5);
    }

    [Fact]
    public async Task Domains_of_the_pipeline_are_gathered()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Get-VirtDomain web1, db1 | Sort-Object Name -Descending | Get-VirtDisk -Brief");
        Assert.Equal(1, Calls(lab["h1"]).Count(call => call == "ListDomainDevices"));
        Assert.Equal(["vda", "sda", "vda", "vdb"], outcome.Output.Cast<VirtDisk>().Select(disk => disk.Target));
    }

    [Fact]
    public async Task A_target_that_is_missing_is_an_error_that_lists_the_others()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = (await lab.RunAsync("Get-VirtDisk db1 vdz, vdb")).Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal("vdz", error.TargetObject);
        Assert.Contains("vda, vdb", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_and_places_are_raw()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtDisk disk = (await lab.RunAsync("Get-VirtDisk web1 vda")).Single<VirtDisk>();
        Assert.Equal(10L << 30, disk.Capacity);
        Assert.Equal(("/guest/web1.qcow2", "virtio", "disk", ChangeScope.Both), (disk.Path, disk.Bus, disk.Device, disk.Presence));
    }

    [Fact]
    public async Task A_new_disk_gets_an_image_and_a_free_target()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Command = "Add-VirtDisk web1 5GB -Scope Both";
        Assert.Equal(
            "Add new 5 GiB image 'web1-2.qcow2' to domain 'web1' (Both) on h1", Assert.Single((await lab.RunAsync(Command + " -WhatIf")).Effects));
        Outcome outcome = (await lab.RunAsync(Command)).Well();
        Assert.Empty(outcome.Warnings);
        VirtDisk disk = outcome.Single<VirtDisk>();
        Assert.Equal(("vdb", "/guest/web1-2.qcow2", "qcow2", 5L << 30), (disk.Target, disk.Path, disk.Format, disk.Capacity));
    }

    [Fact]
    public async Task An_image_is_removed_again_when_its_disk_cannot_be_added()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Add-VirtDisk web1 @{ Path = 'x'; Size = 5GB; Target = 'vda' }"))
            .Error("VirtInvalidDefinition", ErrorCategory.InvalidData);
        // The name is free again.
        (await lab.RunAsync("Add-VirtDisk web1 x:5GB")).Well();
    }

    [Fact]
    public async Task What_is_not_where_it_was_asked_for_is_a_warning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains("definition", Assert.Single((await lab.RunAsync("Add-VirtNic web1 user")).Warnings), StringComparison.Ordinal);
        Assert.Empty((await lab.RunAsync("Add-VirtNic web1 user -Scope Live")).Warnings);
        Assert.Empty((await lab.RunAsync("Add-VirtNic web2 user")).Warnings);
    }

    [Fact]
    public async Task Media_go_in_and_out_of_the_only_drive()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome put = await lab.RunAsync("Set-VirtDisk web1 -Iso /iso/a.iso -Scope Both -PassThru");
        Assert.Equal("/iso/a.iso", put.Single<VirtDisk>().Path);
        Outcome again = await lab.RunAsync("Set-VirtDisk web1 -Iso /iso/a.iso");
        Assert.Contains("already", Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal(1, Calls(lab["h1"]).Count(call => call.StartsWith("UpdateDevice", StringComparison.Ordinal)));
        Outcome drive = await lab.RunAsync("Set-VirtDisk web1 -Eject -Scope Both; Get-VirtDisk web1 sda");
        Assert.Null(drive.Single<VirtDisk>().Path);
    }

    [Fact]
    public async Task A_medium_for_a_disk_is_an_error_about_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Set-VirtDisk web1 vda -Eject")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        (await lab.RunAsync("Set-VirtDisk db1 -Iops 5")).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        const string Refused = "VirtInvalidArgument,Virt.PowerShell.SetVirtDiskCommand";
        Assert.Equal(Refused, (await lab.RunToItsEndAsync("Set-VirtDisk web1")).FullyQualifiedErrorId);
        Assert.Equal(Refused, (await lab.RunToItsEndAsync("Set-VirtDisk web1 -Iso /a -Eject")).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Limits_are_set_and_taken_away()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome set = await lab.RunAsync("Set-VirtDisk web2 vda -Iops 100 -ReadBytesPerSecond 1MB; Get-VirtDisk web2 vda");
        Assert.Equal(new DiskLimits(ReadBytesPerSecond: 1 << 20, Iops: 100), set.Single<VirtDisk>().Limits);
        Outcome cleared = await lab.RunAsync("Set-VirtDisk web2 vda -Iops 0 -ReadBytesPerSecond 0; Get-VirtDisk web2 vda");
        Assert.False(cleared.Single<VirtDisk>().Limits.Any);
    }

    [Fact]
    public async Task Disks_grow()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Command = "Set-VirtDisk web1 vda -Size 40GB";
        Assert.Equal(
            "Set size to 40 GiB of disk vda of domain 'web1' on h1", Assert.Single((await lab.RunAsync(Command + " -WhatIf")).Effects));
        Assert.DoesNotContain("ResizeDisk", Calls(lab["h1"]));
        (await lab.RunAsync(Command)).Well();
        Assert.Contains("ResizeDisk", Calls(lab["h1"]));
    }

    [Fact]
    public async Task Devices_from_the_pipeline_are_meant_themselves()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        await lab.RunAsync("$vdb = Get-VirtDisk db1 vdb");
        Outcome asked = await lab.RunAsync("$vdb | Remove-VirtDisk -Scope Config -WhatIf");
        Assert.Equal("Remove disk vdb from paused domain 'db1' (Config) on h1", Assert.Single(asked.Effects));
        Outcome removed = await lab.RunAsync("$vdb | Remove-VirtDisk -Scope Config -PassThru -Confirm:$false");
        Assert.Equal("vdb", removed.Well().Single<VirtDisk>().Target);
        (await lab.RunAsync("$vdb | Remove-VirtDisk -Scope Config -Confirm:$false")).Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
    }

    [Theory]
    [InlineData("Remove-VirtDisk")]
    [InlineData("Remove-VirtNic")]
    [InlineData("Remove-VirtDevice")]
    public async Task What_goes_must_be_said(string command)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync($"{command} db1 -Confirm:$false")).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        Assert.DoesNotContain(Calls(lab["h1"]), call => call.StartsWith("Detach", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_goes_with_its_image()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Add-VirtDisk web2 x:5GB; Remove-VirtDisk web2 vdb -DeleteImage -Confirm:$false")).Well();
        (await lab.RunAsync("Add-VirtDisk web2 x:5GB")).Well();
    }

    [Fact]
    public async Task Cards_are_changed_by_their_address()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Command = "Set-VirtNic web1 -Connected $false -InboundLimit 1500 -Network bridge:br9 -Scope Config";
        Assert.Equal(
            "Set source to bridge br9, cable unplugged, inbound limit to 1.46 KiB/s of network card 52:54:00:00:00:01 of domain 'web1' (Config) on h1",
            Assert.Single((await lab.RunAsync(Command + " -WhatIf")).Effects));
        VirtNic nic = (await lab.RunAsync(Command + " -PassThru")).Well().Single<VirtNic>();
        Assert.Equal(("bridge", "br9", false, 2048L), (nic.SourceType, nic.Source, nic.Connected, nic.InboundLimit));
    }

    [Fact]
    public async Task Two_cards_need_an_address()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Add-VirtNic web2 user -Mac 52-54-00-AA-BB-CC")).Well();
        (await lab.RunAsync("Set-VirtNic web2 -Connected $false")).Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
        (await lab.RunAsync("Remove-VirtNic web2 52:54:00:aa:bb:cc -Confirm:$false")).Well();
    }

    [Fact]
    public async Task Devices_of_any_type_are_added_changed_and_removed()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(
            "Add watchdog (i6300esb) to domain 'web2' on h1", Assert.Single((await lab.RunAsync("Add-VirtDevice web2 Watchdog -WhatIf")).Effects));
        Outcome changed = await lab.RunAsync(
            "Add-VirtDevice web2 Watchdog | Out-Null; Set-VirtDevice web2 watchdog @{ Action = 'poweroff' }; Get-VirtDevice web2 watchdog");
        Assert.Equal("poweroff", XElement.Parse(changed.Well().Single<VirtDevice>().Xml).Attribute("action")!.Value);
        Assert.Empty((await lab.RunAsync("Remove-VirtDevice web2 watchdog -Confirm:$false; Get-VirtDevice web2 watchdog")).Well().Output);
    }

    [Fact]
    public async Task Xml_adds_changes_and_removes_what_it_says()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync(
            """
            $other = "<watchdog model='i6300esb' action='pause'/>"
            Add-VirtDevice web2 -Xml "<watchdog model='i6300esb' action='reset'/>"
            Set-VirtDevice web2 -Xml $other
            Remove-VirtDevice web2 -Xml $other -Confirm:$false
            """)).Well();
        (await lab.RunAsync("Remove-VirtDevice web2 -Xml $other -Confirm:$false")).Error("VirtDeviceNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal(
            "VirtInvalidDefinition,Virt.PowerShell.AddVirtDeviceCommand",
            (await lab.RunToItsEndAsync("Add-VirtDevice web2 -Xml '<rgn/>'")).FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Memory", "Sise = 5", "It can have Size")]
    [InlineData("watchdog", "Action = 'explode'", "Use reset, shutdown")]
    [InlineData("disk", "Path = '/x'", "Add-VirtDisk")]
    [InlineData("nothing", "Path = '/x'", "Types that can: memory")]
    [InlineData("hostdev", "Address = '12'", "Give a PCI address")]
    public async Task What_a_type_cannot_be_is_told_with_what_it_can(string type, string property, string said)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync($"Add-VirtDevice web2 {type} @{{ {property} }}");
        Assert.Equal("VirtInvalidArgument,Virt.PowerShell.AddVirtDeviceCommand", error.FullyQualifiedErrorId);
        Assert.Contains(said, error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    private static string[] Calls(SpyConnection connection) =>
        [.. connection.Spy.Calls.Where(call => call is not ("GetHost" or "GetDomainByName"))];
}
