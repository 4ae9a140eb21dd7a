using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Hosts;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Qemu.Capabilities;

public sealed class NodeReaderTests
{
    [Fact]
    public void This_host_has_processors_and_memory()
    {
        NodeRecord node = new NodeReader().Read();
        Assert.Equal(Environment.ProcessorCount, node.Cpus);
        Assert.True(node.Memory > node.FreeMemory);
        Assert.True(node.FreeMemory > 0);
        Assert.True(node.Sockets * node.NumaNodes * node.CoresPerSocket * node.ThreadsPerCore >= node.Cpus);
    }

    [Fact]
    public void A_host_of_two_nodes_is_read_from_its_files()
    {
        using var folder = new TestFolder();
        Write(folder, "proc/cpuinfo", "vendor_id\t: GenuineIntel\nmodel name\t: Xeon: Gold\ncpu MHz\t\t: 2399.6\n\nvendor_id\t: Other\n");
        Write(folder, "proc/meminfo", "MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable: 500 kB\n");
        Write(folder, "sys/devices/system/cpu/online", "0-6,8\n");
        Write(folder, "sys/devices/system/node/online", "0-1\n");
        for (int cpu = 0; cpu <= 8; cpu++)
        {
            Write(folder, $"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", $"{cpu / 4 % 2}\n");
            Write(folder, $"sys/devices/system/cpu/cpu{cpu}/topology/core_id", $"{cpu % 4 / 2}\n");
        }

        var reader = new NodeReader(folder.Path);
        Assert.Equal(
            new NodeRecord(EmulatorSearch.HostArchitecture, "Xeon: Gold", 8, 2400, 2, 1, 2, 3, 1000 * 1024, 500 * 1024), reader.Read());
        Assert.Equal("GenuineIntel", reader.Vendor());
    }

    [Fact]
    public void A_host_that_tells_nothing_still_has_a_processor()
    {
        using var folder = new TestFolder();
        NodeRecord node = new NodeReader(folder.Path).Read();
        Assert.Equal(("unknown", Environment.ProcessorCount, 1, 0L), (node.CpuModel, node.Cpus, node.NumaNodes, node.Memory));
    }

    private static void Write(TestFolder folder, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
        File.WriteAllText(folder.File(path), text);
    }
}
