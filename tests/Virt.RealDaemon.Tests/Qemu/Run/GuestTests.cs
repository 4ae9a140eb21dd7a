using Virt.Domains;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class GuestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_balloon_follows_the_memory_that_is_asked_for()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web", devices: "<memballoon model='virtio'/>", memory: 128);
        DomainRecord changed = await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Memory: 96 << 20, Title: "small"), ChangeScope.Both, Cancel);
        Assert.Equal((96L << 20, 128L << 20, "small"), (changed.Memory, changed.MaximumMemory, changed.Title));
        VirtException much = await Assert.ThrowsAsync<VirtException>(
            () => qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Memory: 1L << 30), ChangeScope.Live, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.InvalidArgument, much.Code);
        await qemu.RestartAsync();
        Assert.Equal(96L << 20, (await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).Memory);
        await qemu.Driver.DestroyDomainAsync(web.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(96L << 20, (await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).Memory);
    }

    [Fact]
    public async Task Without_a_balloon_memory_stays_and_nothing_else_changes_either()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        VirtException refused = await Assert.ThrowsAsync<VirtException>(
            () => qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(Memory: 32 << 20, Title: "t"), ChangeScope.Both, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, refused.Code);
        string config = await qemu.Driver.GetDomainXmlAsync(web.Uuid, XmlOptions.Inactive, Cancel);
        Assert.DoesNotContain("<title>", config, StringComparison.Ordinal);
        Assert.DoesNotContain("<title>", File.ReadAllText(Path.Combine(qemu.Folders.Definitions, "web.xml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Virtual_cpus_are_plugged_in()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        string xml = QemuFixture.Xml("web").Replace("<vcpu>1</vcpu>", "<vcpu current='1'>4</vcpu>", StringComparison.Ordinal);
        DomainRecord web = await qemu.Driver.CreateDomainAsync(xml, StartOptions.None, Cancel);
        Assert.Equal((1, 4), (web.VCpu, web.MaximumVCpu));
        DomainRecord changed = await qemu.Driver.ChangeDomainAsync(web.Uuid, new DomainChange(VCpu: 3), ChangeScope.Live, Cancel);
        Assert.Equal(3, changed.VCpu);
        DomainStatistics statistics = Assert.Single(await qemu.Driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.VCpu, Cancel));
        Assert.Equal([0, 1, 2], statistics.VCpus!.Select(cpu => cpu.Number).Order());
        Assert.Null(statistics.Balloon);
    }

    [Fact]
    public async Task Statistics_tell_of_processor_memory_and_disks()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        string disk = Path.Combine(qemu.Root, "disk.img");
        await using (FileStream file = File.Create(disk))
            file.SetLength(1 << 20);
        await qemu.DefineAsync("off");
        DomainRecord web = await qemu.StartAsync(
            "web", devices: $"<disk type='file' device='disk'><source file='{disk}'/><target dev='vda' bus='virtio'/></disk><memballoon model='virtio'/>");
        IReadOnlyList<DomainStatistics> all = await qemu.Driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, Cancel);
        Assert.Equal(["off", "web"], all.Select(s => s.Domain.Name));
        Assert.Null(all[0].Cpu);
        DomainStatistics running = all[1];
        Assert.True(running.Cpu!.Time > TimeSpan.Zero && running.Balloon!.Rss > 0);
        Assert.Equal(web.MaximumMemory, running.Balloon!.Current);
        DiskStatistics vda = Assert.Single(running.Disks!);
        Assert.Equal(("vda", disk, 1L << 20), (vda.Name, vda.Path, vda.Capacity));
        Assert.Empty(running.Interfaces!);
    }

    [Fact]
    public async Task Passwords_and_host_details_stay_in()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web", devices: "<graphics type='vnc' passwd='secret'/><memballoon model='virtio'/>");
        string live = await qemu.Driver.GetDomainXmlAsync(web.Uuid, XmlOptions.None, Cancel);
        Assert.DoesNotContain("secret", live, StringComparison.Ordinal);
        Assert.Contains($"id=\"{web.Id}\"", live, StringComparison.Ordinal);
        Assert.Contains("<alias", live, StringComparison.Ordinal);
        Assert.Contains("secret", await qemu.Driver.GetDomainXmlAsync(web.Uuid, XmlOptions.Secure, Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain("<alias", await qemu.Driver.GetDomainXmlAsync(web.Uuid, XmlOptions.Migratable, Cancel), StringComparison.Ordinal);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(qemu.Folders.Definitions, "web.xml")));
    }

    [Fact]
    public async Task A_guest_inherits_nothing_but_its_monitor()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web", StartOptions.Paused);
        int pid = qemu.PidOf(web);
        string[] targets = [.. Directory.GetFiles($"/proc/{pid}/fd").Select(path => File.ResolveLinkTarget(path, false)?.FullName ?? string.Empty)];
        Assert.Contains("/dev/null", targets);
        Assert.Equal(2, targets.Count(target => target == qemu.Folders.LogOf("web")));
        Assert.DoesNotContain(targets, target => target.Contains(".dll", StringComparison.Ordinal) || target.Contains("pts", StringComparison.Ordinal));
        string[] stat = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        Assert.Equal(pid.ToString(System.Globalization.CultureInfo.InvariantCulture), stat[3]);
        Assert.Equal(["LC_ALL=C", "PATH=/usr/bin:/bin"], File.ReadAllText($"/proc/{pid}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries).Order());
    }
}
