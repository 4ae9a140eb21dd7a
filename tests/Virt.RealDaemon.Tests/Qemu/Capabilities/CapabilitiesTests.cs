using System.Diagnostics;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;
using Virt.Hosts;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Qemu.Capabilities;

public sealed class CapabilitiesTests
{
    private static readonly string Emulator = EmulatorSearch.Find()!;

    private static ProgramList Listed(params string[] programs) => new("the emulator", "emulators", EmulatorSearch.Names, programs);

    [Fact]
    public async Task A_real_qemu_tells_what_it_can_do()
    {
        QemuCapabilities found = await TestQemu.GetAsync();
        Assert.Equal("x86_64", found.Architecture);
        Assert.True(Version.Parse(found.Version) >= new Version(6, 2));
        QemuMachine q35 = found.FindMachine("q35")!;
        Assert.StartsWith("pc-q35-", q35.Name, StringComparison.Ordinal);
        Assert.Same(q35, found.FindMachine(q35.Name));
        Assert.Equal("qemu64", q35.DefaultCpu);
        Assert.True(found.FindMachine(null)!.Default);
        Assert.Contains(found.CpuModels, model => model.Name == "max");
        Assert.Contains("aes", found.CpuFeatures);
        Assert.True(found.HasDevice("virtio-blk-pci"));
        Assert.False(found.HasDevice("device"));
        Assert.Equal(found.Kvm.Usable, found.Kvm.Reason is null);
        Assert.Equal(found.Kvm.Usable, found.KvmCpuModels.Count > 0);
    }

    [Fact]
    public async Task What_the_fast_tests_take_for_a_qemu_is_what_a_qemu_says()
    {
        using Stream file = typeof(CapabilitiesTests).Assembly.GetManifestResourceStream("qemu-7.2.json")!;
        QemuCapabilities recorded = JsonSerializer.Deserialize(file, StoredCapabilitiesJson.Default.StoredCapabilities)!.ToCapabilities(Emulator);
        QemuCapabilities found = await TestQemu.GetAsync();
        Assert.Equal(recorded.Architecture, found.Architecture);
        Assert.Empty(recorded.CpuModels.Select(model => model.Name).Except(found.CpuModels.Select(model => model.Name)));
        Assert.Superset(recorded.DeviceTypes.ToHashSet(), found.DeviceTypes.ToHashSet());
        Assert.NotEmpty(recorded.Machines.Intersect(found.Machines));
        if (Version.Parse(found.Version) is { Major: 7, Minor: 2 })
        {
            Assert.Equal(recorded.Machines, found.Machines);
            Assert.True(recorded.DeviceTypes.SetEquals(found.DeviceTypes));
            Assert.True(recorded.CpuFeatures.SetEquals(found.CpuFeatures));
        }
    }

    [Fact]
    public async Task The_probe_of_kvm_is_a_guest_that_runs_when_processors_are_real_or_emulated()
    {
        using var folder = new TestFolder();
        using SafeFileHandle rom = File.OpenHandle(folder.File("rom"), FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(rom, KvmProbeRom.Image(), 0);
        KvmSupport emulated = await KvmProbe.BootAsync(Emulator, ["-accel", "tcg", "-cpu", "max"], rom, new Confinement(null), TestContext.Current.CancellationToken);
        Assert.True(emulated.Usable, emulated.Reason);

        byte[] broken = KvmProbeRom.Image();
        broken[^16] = 0xf4; // hlt at the reset vector
        RandomAccess.Write(rom, broken, 0);
        KvmSupport hung = await KvmProbe.BootAsync(Emulator, ["-accel", "tcg"], rom, new Confinement(null), TestContext.Current.CancellationToken);
        Assert.False(hung.Usable);
        Assert.Contains("did not get through its first instructions", hung.Reason, StringComparison.Ordinal);

        KvmSupport refused = await KvmProbe.BootAsync(Emulator, ["-accel", "xen"], rom, new Confinement(null), TestContext.Current.CancellationToken);
        Assert.False(refused.Usable);
        Assert.NotEmpty(refused.Reason!);
    }

    [Fact]
    public async Task A_binary_is_probed_once_for_all_who_ask_and_once_for_all_runs()
    {
        using var folder = new TestFolder();
        var cache = new QemuCapabilitiesCache(folder.Path);
        QemuCapabilities[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => cache.GetAsync(Emulator, null, TestContext.Current.CancellationToken)));
        Assert.All(answers, answer => Assert.Same(answers[0], answer));
        Assert.Equal(1, cache.Probes);

        var next = new QemuCapabilitiesCache(folder.Path);
        QemuCapabilities stored = await next.GetAsync(null, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, next.Probes);
        Assert.Equal(answers[0].Machines, stored.Machines);
        Assert.True(stored.DeviceTypes.SetEquals(answers[0].DeviceTypes));
        Assert.True(stored.CpuFeatures.SetEquals(answers[0].CpuFeatures));
        Assert.Equal(answers[0].Kvm, stored.Kvm);
        Assert.All(Directory.EnumerateFiles(folder.Path), file => Assert.EndsWith(".json", file, StringComparison.Ordinal));

        next.Forget();
        await next.GetAsync(Emulator, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, next.Probes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"Fingerprint\":")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"Fingerprint\":\"x\",\"Capabilities\":null}")]
    [InlineData("{\"Fingerprint\":\"another binary\",\"Capabilities\":{}}")]
    public async Task A_torn_or_foreign_file_is_as_good_as_none(string content)
    {
        using var folder = new TestFolder();
        var first = new QemuCapabilitiesCache(folder.Path);
        await first.GetAsync(Emulator, null, TestContext.Current.CancellationToken);
        string file = new QemuCapabilitiesFile(folder.Path).PathOf(Emulator);
        Assert.True(File.Exists(file));
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var second = new QemuCapabilitiesCache(folder.Path);
        Assert.NotEmpty((await second.GetAsync(Emulator, null, TestContext.Current.CancellationToken)).Machines);
        Assert.Equal(1, second.Probes);
    }

    [Fact]
    public async Task A_cut_file_is_probed_again()
    {
        using var folder = new TestFolder();
        await new QemuCapabilitiesCache(folder.Path).GetAsync(Emulator, null, TestContext.Current.CancellationToken);
        string file = new QemuCapabilitiesFile(folder.Path).PathOf(Emulator);
        using (FileStream stream = File.OpenWrite(file))
            stream.SetLength(stream.Length / 2);
        var cache = new QemuCapabilitiesCache(folder.Path);
        await cache.GetAsync(Emulator, null, TestContext.Current.CancellationToken);
        Assert.Equal(1, cache.Probes);
    }

    [Theory]
    [InlineData("/nonexistent/qemu", "is not an executable file")]
    [InlineData("qemu-system-x86_64", "is not an executable file")]
    [InlineData("/etc/passwd", "is not an executable file")]
    [InlineData("/bin/true", "ended while it was asked")]
    public async Task What_is_no_emulator_is_refused(string emulator, string message)
    {
        using var folder = new TestFolder();
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() =>
            new QemuCapabilitiesCache(folder.Path, Listed(emulator)).GetAsync(emulator, null, TestContext.Current.CancellationToken));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(emulator, fault.Target);
    }

    [Fact]
    public async Task An_emulator_that_answers_nonsense_is_refused()
    {
        using var folder = new TestFolder();
        string fake = folder.File("qemu");
        await File.WriteAllTextAsync(fake, "#!/bin/sh\necho '{\"QMP\":{\"version\":{\"qemu\":\"x\"}}}'\nexec cat\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() =>
            new QemuCapabilitiesCache(folder.Path, Listed(fake)).GetAsync(fake, null, TestContext.Current.CancellationToken));
        Assert.Contains("does not answer as QEMU does", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_probe_is_tried_again()
    {
        using var folder = new TestFolder();
        var cache = new QemuCapabilitiesCache(folder.Path, Listed("/bin/true"));
        foreach (int _ in (int[])[1, 2])
            await Assert.ThrowsAsync<VirtException>(() => cache.GetAsync("/bin/true", null, TestContext.Current.CancellationToken));
        Assert.Equal(2, cache.Probes);
    }

    [Fact]
    public async Task An_emulator_that_is_not_listed_is_not_run_and_a_running_guest_of_it_is_read_with_the_hosts_own()
    {
        using var folder = new TestFolder();
        var cache = new QemuCapabilitiesCache(folder.Path);
        VirtException refused = await Assert.ThrowsAsync<VirtException>(() => cache.GetAsync("/bin/true", null, TestContext.Current.CancellationToken));
        Assert.Contains("is not one that virtd may run", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\"emulators\": [\"/bin/true\"]", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, cache.Probes);
        Assert.Equal(Emulator, (await cache.GetForRunningAsync("/bin/true", null, TestContext.Current.CancellationToken)).Emulator);
    }

    [Fact]
    public async Task An_architecture_without_emulator_is_refused()
    {
        using var folder = new TestFolder();
        VirtException fault = await Assert.ThrowsAsync<VirtException>(() =>
            new QemuCapabilitiesCache(folder.Path).GetAsync(null, "vax", TestContext.Current.CancellationToken));
        Assert.Equal(VirtErrorCode.ConfigurationUnsupported, fault.Code);
        Assert.Contains("'vax'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capability")]
    [InlineData("domaincaps")]
    public async Task The_documents_are_valid_to_libvirts_schema(string kind)
    {
        const string Schemas = "/usr/share/libvirt/schemas";
        Assert.SkipUnless(Directory.Exists(Schemas) && File.Exists("/usr/bin/xmllint"), "libvirt's schemas or xmllint (Debian: libvirt-clients, libxml2-utils) are not installed: the schema is NOT checked");
        QemuCapabilities found = await TestQemu.GetAsync();
        string xml = kind == "capability"
            ? CapabilitiesXml.Format(CapabilitiesRecords.Host(Guid.NewGuid(), new NodeReader(), [found]))
            : CapabilitiesXml.Format(CapabilitiesRecords.Domain(found, "q35", null)!);
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("x.xml"), xml);
        var start = new ProcessStartInfo("/usr/bin/xmllint", ["--noout", "--relaxng", $"{Schemas}/{kind}.rng", folder.File("x.xml")]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors + xml[..Math.Min(2000, xml.Length)]);
    }

    [Fact]
    public async Task Domain_capabilities_are_those_of_machine_and_type()
    {
        QemuCapabilities found = await TestQemu.GetAsync();
        Assert.Null(CapabilitiesRecords.Domain(found, "virt", null));
        DomainCapabilities q35 = CapabilitiesRecords.Domain(found, "q35", "qemu")!;
        Assert.StartsWith("pc-q35-", q35.Machine, StringComparison.Ordinal);
        Assert.Contains("virtio", q35.Devices.Single(device => device is { Element: "disk", Attribute: "bus" }).Values);
        HostCapabilities host = CapabilitiesRecords.Host(Guid.Empty, new NodeReader(), [found]);
        Assert.Equal(found.Kvm.Usable, host.KvmUsable);
        Assert.DoesNotContain(host.Guests.Single().Machines, machine => machine.Name == "none");
        Assert.False(CapabilitiesRecords.Host(Guid.Empty, new NodeReader(), []).KvmUsable);
    }
}
