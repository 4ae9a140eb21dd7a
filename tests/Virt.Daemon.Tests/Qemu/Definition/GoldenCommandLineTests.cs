using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>
/// Command lines to the letter, one argument a line, in tests/corpus/commandlines. VIRT_WRITE_GOLDEN=1 writes them anew, to be
/// read in the diff.
/// </summary>
public sealed class GoldenCommandLineTests
{
    private static readonly LaunchPaths Paths = new("/run/virt/guest", "/run/virt/guest.pid", "/var/log/virt/guest.log");

    [Theory]
    [InlineData("minimal-q35")]
    [InlineData("minimal-pc")]
    [InlineData("boot-kernel")]
    [InlineData("boot-classes")]
    [InlineData("disk-virtio-options")]
    [InlineData("disk-backing-chain")]
    [InlineData("disk-scsi-virtio")]
    [InlineData("channel-agent")]
    [InlineData("graphics-vnc-password")]
    [InlineData("kvm-host-passthrough")]
    [InlineData("features-many")]
    [InlineData("firmware-efi-loader-secure")]
    [InlineData("smbios-sysinfo")]
    [InlineData("numa-hmat")]
    [InlineData("numa-distances")]
    [InlineData("memory-dimm")]
    [InlineData("memory-virtio-mem")]
    [InlineData("kvm-features")]
    [InlineData("iothreads-pools")]
    [InlineData("qemu-override")]
    [InlineData("libvirt-q35")]
    [InlineData("libvirt-pc")]
    [InlineData("libvirt-pci-tree-q35")]
    public void Is_as_it_was(string name)
    {
        string actual = string.Join('\n', Build(Corpus.Read(name)).Arguments) + "\n";
        string path = Path.GetFullPath(Path.Combine(Corpus.Folder, "../commandlines", name + ".args"));
        if (Environment.GetEnvironmentVariable("VIRT_WRITE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    [Fact]
    public void The_password_goes_through_the_monitor()
    {
        QemuCommandLine line = Build(Corpus.Read("graphics-vnc-password"));
        Assert.DoesNotContain(line.Arguments, argument => argument.Contains("cret", StringComparison.Ordinal));
        Assert.DoesNotContain(line.Environment.Values, value => value.Contains("cret", StringComparison.Ordinal));
        PostStartCommand command = Assert.Single(line.PostStart, command => command.Execute == "set_password");
        Assert.Equal("s,e=cret", (string?)command.Arguments!["password"]);
    }

    [Fact]
    public void A_restored_guest_waits_for_its_state()
    {
        var guest = GuestDefinition.Parse(DomainDefinition.Parse(Corpus.Read("minimal-q35")), FrozenQemu.Capabilities);
        IReadOnlyList<string> arguments = QemuCommandLine.Build(guest, FrozenQemu.Capabilities, Paths with { Incoming = "defer" }).Arguments;
        Assert.Equal("defer", arguments[arguments.ToList().IndexOf("-incoming") + 1]);
    }

    [Fact]
    public void The_environment_is_given_whole()
    {
        QemuCommandLine line = Build(Corpus.Read("qemu-commandline"));
        Assert.Equal("none", line.Environment["QEMU_AUDIO_DRV"]);
        Assert.Equal("/run/virt/guest", line.Environment["HOME"]);
        Assert.Equal(["-global", "isa-debugcon.iobase=0x402"], line.Arguments.TakeLast(2));
    }

    private static QemuCommandLine Build(string xml) => QemuCommandLine.Build(
        GuestDefinition.Parse(DomainDefinition.Parse(xml), FrozenQemu.Capabilities), FrozenQemu.Capabilities, Paths);
}
