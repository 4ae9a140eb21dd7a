using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Tuning;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Groups;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What is written into a guest's control group, into a folder that is none.</summary>
public sealed class GuestGroupTests
{
    [Fact]
    public async Task Limits_go_into_the_files_of_the_group()
    {
        using var folder = new TestFolder();
        var guest = new GuestGroup(ReadLimits(Corpus.Read("kvm-limits")), folder.Path);
        HostServices host = Host(folder);
        await guest.AcquireAsync(host, TestContext.Current.CancellationToken);
        guest.Enter("g", host.Uuid, 4711, new GuestThreads(
            new Dictionary<int, int> { [0] = 11, [1] = 12 }, new Dictionary<int, int> { [1] = 13 }, [4711]));

        string group = folder.File($"guest-{host.Uuid:D}");
        Assert.Equal("+cpu +memory +io", Read(folder.Path, "cgroup.subtree_control"));
        Assert.Equal("2048", Read(group, "cpu.weight"));
        Assert.Equal("max 100000", Read(group, "cpu.max"));
        Assert.Equal($"{1L << 30}", Read(group, "memory.max"));
        Assert.Equal($"{512L << 20}", Read(group, "memory.high"));
        Assert.Equal($"{1L << 30}", Read(group, "memory.swap.max"));
        Assert.Equal("default 500", Read(group, "io.weight"));
        Assert.Equal("4711", Read(group, "cgroup.procs"));
        Assert.Equal(("threaded", "50000 100000", "12"), (Read(group, "vcpu1/cgroup.type"), Read(group, "vcpu1/cpu.max"), Read(group, "vcpu1/cgroup.threads")));
        Assert.Equal(("20000 100000", "4711"), (Read(group, "emulator/cpu.max"), Read(group, "emulator/cgroup.threads")));
        Assert.Equal(("10000 50000", "13"), (Read(group, "iothread1/cpu.max"), Read(group, "iothread1/cgroup.threads")));
    }

    [Fact]
    public async Task Without_limits_there_is_no_group() =>
        Assert.DoesNotContain((await TestQemu.ParseAsync(Corpus.Read("minimal-q35"))).Resources, resource => resource is GuestGroup);

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(folder, file));

    private static GroupLimits ReadLimits(string xml)
    {
        // A block device is called by its numbers, which this host need not have.
        var general = DomainDefinition.Parse(xml);
        System.Xml.Linq.Extensions.Remove(general.Root.Element("blkiotune")!.Elements("device"));
        return GroupLimits.Read(new GuestContext(general, FrozenQemu.Capabilities, Accelerator.Kvm, GuestHost.System));
    }

    private static HostServices Host(TestFolder folder) => new(
        "g", Guid.NewGuid(), folder.Path, new QemuFolders(VirtDirectories.FromRoot(folder.Path)), null!);
}
