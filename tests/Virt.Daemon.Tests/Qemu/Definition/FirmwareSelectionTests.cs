using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Firmware;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>Which firmware is selected, by descriptors of our own.</summary>
public sealed class FirmwareSelectionTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _user, _system;

    public FirmwareSelectionTests()
    {
        (_user, _system) = (Directory.CreateDirectory(_folder.File("user")).FullName, Directory.CreateDirectory(_folder.File("system")).FullName);
        Write(_system, "40-enrolled.json", "/fw/enrolled.fd", "\"secure-boot\", \"requires-smm\", \"enrolled-keys\"");
        Write(_system, "50-secure.json", "/fw/secure.fd", "\"secure-boot\", \"requires-smm\"");
        Write(_system, "60-plain.json", "/fw/plain.fd", "\"acpi-s3\"");
        Write(_system, "70-arm.json", "/fw/arm.fd", "", machines: "virt-*");
        Write(_system, "80-stateless.json", "/fw/stateless.fd", "", mode: "stateless");
        File.WriteAllText(Path.Combine(_system, "10-broken.json"), "{ \"mapping\": [");
        File.WriteAllText(Path.Combine(_system, "11-other.json"), "[1, 2]");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "", "/fw/enrolled.fd")]
    [InlineData("<feature enabled='no' name='enrolled-keys'/>", "", "/fw/secure.fd")]
    [InlineData("<feature enabled='no' name='secure-boot'/>", "", "/fw/plain.fd")]
    [InlineData("<feature enabled='yes' name='secure-boot'/>", "", "/fw/enrolled.fd")]
    [InlineData("", "<loader stateless='yes'/>", "/fw/stateless.fd")]
    public void The_first_that_fits_is_taken(string features, string loader, string image) =>
        Assert.Equal(image, Live(features, loader).Element("os")!.Element("loader")!.Value);

    [Fact]
    public void A_users_descriptor_hides_the_systems()
    {
        Write(_user, "40-enrolled.json", "/fw/mine.fd", "\"acpi-s3\"");
        File.WriteAllText(Path.Combine(_user, "50-secure.json"), "");
        Assert.Equal("/fw/mine.fd", Live("", "").Element("os")!.Element("loader")!.Value);
        VirtException none = Assert.Throws<VirtException>(() => Live("<feature enabled='yes' name='secure-boot'/>", ""));
        Assert.Contains("with secure-boot", none.Message, StringComparison.Ordinal);
        Assert.Contains(_user, none.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void The_live_definition_names_what_was_selected()
    {
        XElement live = Live("<feature enabled='yes' name='secure-boot'/>", "");
        XElement os = live.Element("os")!;
        Assert.Null(os.Attribute("firmware"));
        Assert.Null(os.Element("firmware"));
        Assert.Equal(("pflash", "yes", "yes"), (
            (string?)os.Element("loader")!.Attribute("type"), (string?)os.Element("loader")!.Attribute("readonly"), (string?)os.Element("loader")!.Attribute("secure")));
        Assert.Equal("/nv/guest_VARS.fd", os.Element("nvram")!.Value);
        Assert.Equal("/fw/enrolled.fd.vars", (string?)os.Element("nvram")!.Attribute("template"));
        Assert.Equal("on", (string?)live.Element("features")!.Element("smm")!.Attribute("state"));
    }

    [Fact]
    public void Firmware_that_needs_smm_is_refused_without()
    {
        VirtException fault = Assert.Throws<VirtException>(() => Live("<feature enabled='yes' name='secure-boot'/>", "", "<smm state='off'/>"));
        Assert.Contains("needs SMM", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_has_flash_and_keeps_the_definition_as_it_was()
    {
        GuestDefinition guest = Parse("<feature enabled='yes' name='secure-boot'/>", "", "");
        string before = guest.ToXml(live: false);
        IReadOnlyList<string> arguments = Build(guest).Arguments;
        Assert.Equal(before, guest.ToXml(live: false));
        Assert.Contains("driver=cfi.pflash01,property=secure,value=on", arguments);
        string machine = arguments[arguments.ToList().IndexOf("-machine") + 1];
        Assert.Contains("smm=on,pflash0=libvirt-pflash0-format,pflash1=libvirt-pflash1-format", machine, StringComparison.Ordinal);
        Assert.Contains("""{"driver":"file","filename":"/nv/guest_VARS.fd","node-name":"libvirt-pflash1-storage","auto-read-only":true,"discard":"unmap"}""", arguments);
    }

    [Fact]
    public void Images_are_told_apart_by_architecture_and_machine()
    {
        FirmwareDescriptor arm = FirmwareCatalog.Read([_system]).Single(descriptor => descriptor.Image == "/fw/arm.fd");
        Assert.True(arm.Fits("x86_64", "virt-7.2"));
        Assert.False(arm.Fits("x86_64", "pc-q35-7.2"));
        Assert.False(arm.Fits("aarch64", "virt-7.2"));
    }

    private static void Write(string folder, string name, string image, string features, string machines = "pc-*", string mode = "split") => File.WriteAllText(
        Path.Combine(folder, name),
        $$"""
        { "interface-types": ["uefi"], "targets": [{ "architecture": "x86_64", "machines": ["{{machines}}"] }], "features": [{{features}}],
          "mapping": { "device": "flash", "mode": "{{mode}}", "executable": { "filename": "{{image}}", "format": "raw" },
                       "nvram-template": { "filename": "{{image}}.vars", "format": "raw" } } }
        """);

    private static QemuCommandLine Build(GuestDefinition guest) =>
        QemuCommandLine.Build(guest, FrozenQemu.Capabilities, new LaunchPaths("/r", "/r/p", "/l"));

    private GuestDefinition Parse(string features, string loader, string smm)
    {
        string firmware = features.Length > 0 ? $"<firmware>{features}</firmware>" : "";
        string xml = TestQemu.Domain(general: $"<features><acpi/>{smm}</features>", os: firmware + loader)
            .Replace("<os>", "<os firmware='efi'>", StringComparison.Ordinal);
        return GuestDefinition.Parse(DomainDefinition.Parse(xml), FrozenQemu.Capabilities, new GuestHost("/nv", "/ram", [_user, _system]));
    }

    private XElement Live(string features, string loader, string smm = "")
    {
        GuestDefinition guest = Parse(features, loader, smm);
        Build(guest);
        return XElement.Parse(guest.ToXml(live: true));
    }
}
