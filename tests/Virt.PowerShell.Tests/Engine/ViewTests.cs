using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Virt.Tests.PowerShell;

/// <summary>What a user sees of objects, in narrow and in wide windows.</summary>
public sealed partial class ViewTests
{
    private const string Devices = "Get-VirtDevice web1 | Where-Object Type -NotIn disk, interface";

    private const string Event =
        "Register-VirtEvent -Kind Stopped -SourceIdentifier life | Out-Null; Stop-VirtDomain web1 -NoWait; (Wait-Event life).SourceEventArgs";

    public static TheoryData<string> Written =>
    [
        .. Commands.All.SelectMany(type => Commands.InfoOf(Commands.NameOf(type)).OutputType).Select(output => output.Name)
            .Where(name => name.StartsWith("Virt.", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Written))]
    public async Task Each_type_that_a_command_writes_has_a_view(string type)
    {
        await using Lab lab = new();
        Assert.NotEmpty((await lab.RunAsync($"Get-FormatData {type}")).Well().Output);
    }

    [Theory]
    [InlineData("Get-VirtDomain -All", "Name State vCPU Memory Uptime Host", "web1 Running 2 4 GiB \\d\\d:\\d\\d:\\d\\d h1")]
    [InlineData("Get-VirtHost", "Name Connected ReadOnly Hypervisor CPU Memory Free Uri", "h1 True False Test .* spy://h1/")]
    [InlineData("Test-VirtHost | Where-Object Check -NE KVM", "Host Check Status Message Recommendation", "h1 Connection Pass spy://h1/ is open")]
    [InlineData("Measure-VirtDomain -IntervalSec 0.1", "Name CPU% Memory Read/s Write/s Recv/s Send/s Host", "web1 .* GiB .* h1")]
    [InlineData("Get-VirtCapability", "Host Architecture CpuModel KVM Guests Types Machines", "h1 x86_64 Test CPU False x86_64 test 1")]
    [InlineData("Get-VirtCapability Domain", "Host Machine Type Architecture MaxVCpu CpuModels Emulator", "h1 test test x86_64 32 1 /usr/bin/.*")]
    [InlineData("Get-VirtCapability CpuModel", "Name Usable Deprecated Blockers Host", "Test CPU True False h1")]
    [InlineData("Get-VirtDisk web1", "Domain Target Bus Device Format Capacity Used Presence Path", "web1 vda virtio disk raw 10 GiB 1 GiB Both /guest/web1.qcow2")]
    [InlineData("Get-VirtNic web1", "Domain MacAddress Type Source Model Connected Presence IPAddresses", "web1 52:54:00:00:00:01 network default network True Both")]
    [InlineData(Devices, "Domain Type Model Alias Address Presence", "web1 serial pty serial0 Both")]
    [InlineData("Get-VirtSecret", "Uuid Usage UsageId Value Private Host", "[0-9a-f-]{36} Ceph db set False h1")]
    [InlineData("Get-VirtConsole web1", "Domain Type Device Backend Target Uri", "web1 Serial serial0 pty")]
    [InlineData("New-VirtDiskSpec -Path /a -Bus virtio -Size 5GB", "Device Size Format Bus Cache Backing Path", "disk 5 GiB virtio /a")]
    [InlineData("New-VirtNicSpec bridge:br0", "Type Source Model Mac Vlan Connected", "bridge br0 virtio")]
    [InlineData(Event, "Time Name Kind Detail State Host", "[0-9:.]{12} web1 Stopped Shutdown Shutoff h1")]
    public async Task A_table_shows_its_columns_and_cuts_none(string script, string header, string row)
    {
        await using Lab lab = await Examples.LabAsync();
        (await lab.RunAsync($"$shown = $({script})")).Well();
        foreach (int width in (int[])[80, 120])
        {
            string[] lines = await ShowAsync(lab, "$shown", "Out-String", width);
            Assert.Equal(header, Narrow(lines[0]));
            Assert.Matches("^[ -]+$", lines[1]);
            Assert.Contains(lines.Skip(2), line => Regex.IsMatch(Narrow(line), $"^{row}$"));
            Assert.DoesNotContain(lines, line => line.Length > width || line.Contains('…', StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Get-VirtDomain web1", "Memory : 4 GiB", "Name Id Uuid State Reason VirtHost VCpu MaximumVCpu Memory MaximumMemory Uptime StartedAt CpuTime Persistent Autostart HasSavedState HasSnapshot Title Description Type Architecture Machine")]
    [InlineData("Get-VirtHost", "Memory : 64 GiB", "Name Uri CanonicalUri Connected ReadOnly Access Hypervisor HypervisorVersion DaemonVersion Architecture CpuModel Cpu Mhz NumaNodes Sockets CoresPerSocket ThreadsPerCore Memory FreeMemory")]
    [InlineData("Test-VirtHost | Select-Object -First 1", "Status : Pass", "VirtHost Check Status Message Recommendation")]
    [InlineData("Get-VirtSecret", "HasValue : True", "Uuid Usage UsageId Description Private Ephemeral HasValue VirtHost")]
    [InlineData("Get-VirtCapability", "KvmUsable : False", "VirtHost HostUuid Architecture CpuModel CpuVendor KvmUsable KvmReason GuestArchitectures DomainTypes Machines")]
    [InlineData("Get-VirtCapability Domain", "MaximumVCpu : 32", "VirtHost Emulator Type Architecture Machine MaximumVCpu CpuModels Devices")]
    [InlineData("Get-VirtCapability CpuModel", "Usable : True", "Name Architecture Type Usable Deprecated Blockers VirtHost")]
    [InlineData("Measure-VirtDomain web1 -IntervalSec 0.1", "MaximumMemory : 4 GiB", "Name Uuid State VirtHost Timestamp Interval CpuPercent CpuTime Memory MaximumMemory ResidentMemory AvailableMemory UnusedMemory DiskRead DiskWrite DiskReadsPerSecond DiskWritesPerSecond Received Sent VCpus Disks Interfaces")]
    [InlineData(Event, "Kind : Stopped", "Timestamp Name Kind Detail Domain VirtHost")]
    public async Task A_list_shows_everything_with_sizes_for_people(string script, string line, string labels)
    {
        await using Lab lab = await Examples.LabAsync();
        (await lab.RunAsync($"$shown = $({script})")).Well();
        foreach (int width in (int[])[80, 120])
        {
            string[] lines = await ShowAsync(lab, "$shown", "Format-List | Out-String", width);
            Assert.Contains(line, lines.Select(Narrow));
            Assert.Equal(labels.Split(' '), lines.Select(one => LabelOf().Match(one)).Where(match => match.Success).Select(match => match.Groups[1].Value));
            Assert.DoesNotContain(lines, one => one.Length > width);
        }
    }

    [Theory]
    [InlineData("Get-VirtDomain web1")]
    [InlineData("Get-VirtHost")]
    [InlineData("Get-VirtDisk web1 vda")]
    [InlineData("Get-VirtNic web1")]
    public async Task An_object_from_another_session_is_shown_the_same(string script)
    {
        await using Lab lab = await Examples.LabAsync();
        await lab.RunAsync($"$near = {script}");
        string[] near = await ShowAsync(lab, "$near", "Out-String", 120);
        string[] far = await ShowAsync(
            lab, "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($near, 2))", "Out-String", 120);
        Assert.Equal(near.Select(Narrow), far.Select(Narrow));
    }

    [Theory]
    [InlineData("(Get-VirtDomain web1).MemoryGB", 4.0)]
    [InlineData("(Get-VirtDomain web1).HostName", "h1")]
    [InlineData("(Get-VirtDomain web1).VMName", "web1")]
    [InlineData("(Get-VirtDomain web1).MemoryText", "4 GiB")]
    [InlineData("[string](Get-VirtDomain web1)", "web1")]
    [InlineData("(Get-VirtHost).HostName", "h1")]
    [InlineData("\"on $(Get-VirtHost)\"", "on h1")]
    [InlineData("(Get-VirtDisk web1 vda).CapacityGB", 10.0)]
    [InlineData("(Get-VirtDomain web1 | Get-Member MemoryText).Count", 0)]
    public async Task Properties_of_the_types_are_there(string script, object value)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(value, Assert.Single((await lab.RunAsync(script)).Well().Output));
    }

    [Fact]
    public async Task The_views_load_without_errors()
    {
        await using Lab lab = new();
        lab.Set("folder", AppContext.BaseDirectory);
        (await lab.RunAsync("Update-FormatData -PrependPath $folder/Virt.format.ps1xml")).Well();
    }

    [Fact]
    public async Task A_command_line_is_shown_from_its_beginning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string[] lines = await ShowAsync(lab, "Export-VirtDomain web2 -Format QemuArgs -AsObject", "Out-String", 80);
        Assert.Equal("Executable Arguments", Narrow(lines[0]));
        Assert.StartsWith("/usr/bin/test-hypervisor -name web2 -uuid ", lines[2], StringComparison.Ordinal);
    }

    private static async Task<string[]> ShowAsync(Lab lab, string script, string format, int width)
    {
        Outcome outcome = await lab.RunAsync($"$PSStyle.OutputRendering = 'PlainText'; {script} | {format} -Width {width} -Stream");
        return [.. outcome.Well().Output.Cast<string>().Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }

    private static string Narrow(string line) => Spaces().Replace(line.Trim(), " ");

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();

    [GeneratedRegex("^(\\w+) +:")]
    private static partial Regex LabelOf();
}
