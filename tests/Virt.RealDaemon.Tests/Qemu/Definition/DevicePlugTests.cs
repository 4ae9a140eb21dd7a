using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What devices give for the monitor is what a running QEMU takes.</summary>
public sealed class DevicePlugTests
{
    /// <summary>Serial ports on every back end that this host can give.</summary>
    public static TheoryData<string> Backends =>
    [
        "<serial type='null'/>",
        "<serial type='pty'/>",
        "<serial type='vc'/>",
        "<serial type='file'><source path='FOLDER/out' append='on'/><log file='FOLDER/log' append='off'/></serial>",
        "<serial type='unix'><source mode='bind' path='FOLDER/listen'/></serial>",
        "<serial type='unix'><source mode='connect' path='FOLDER/nobody'><reconnect enabled='yes' timeout='10'/></source></serial>",
        "<serial type='tcp'><source mode='bind' host='127.0.0.1' service='0'/><protocol type='telnet'/></serial>",
        "<serial type='tcp'><source mode='connect' host='127.0.0.1' service='1'><reconnect enabled='yes' timeout='30'/></source></serial>",
        "<serial type='udp'><source mode='bind' host='127.0.0.1' service='0'/><source mode='connect' host='127.0.0.1' service='9'/></serial>",
        "<serial type='qemu-vdagent'><source><clipboard copypaste='yes'/><mouse mode='client'/></source></serial>",
        "<serial type='spiceport'><source channel='org.example.0'/></serial><graphics type='spice'><listen type='none'/></graphics>",
    ];

    /// <summary>Devices that newer schemas than Debian's know.</summary>
    public static TheoryData<string> Newer =>
    [
        "<crypto model='virtio' type='qemu'><backend model='builtin'/></crypto>",
        "<panic model='pvpanic'/>",
        "<pstore backend='acpi-erst'><path>FOLDER/pstore</path><size unit='KiB'>64</size></pstore>",
        "<tpm><backend type='emulator' version='2.0' debug='2'/></tpm>",
    ];

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_character_back_end_is_added_while_the_guest_runs(string devices)
    {
        using var folder = new TestFolder();
        (GuestDefinition guest, QemuCommandLine line) = await BuildAsync(devices, folder);
        var arguments = new QemuArguments(new LaunchPaths(folder.Path, folder.File("pid"), folder.File("log")));
        SerialDevice serial = guest.Devices.OfType<SerialDevice>().Single();
        serial.Backend.AddTo(arguments, "again");
        JsonObject added = arguments.Parts.Single(part => part.Option == "-chardev").Value;
        Assert.Equal("charagain", (string?)added["id"]);
        PostStartCommand[] commands =
            [new("chardev-add", (JsonObject)added.DeepClone()), new("chardev-remove", new JsonObject { ["id"] = "charagain" })];
        // The guest's own port would have the path or port already.
        IEnumerable<string> others = line.Arguments.Where((argument, place) =>
            !IsSerial(argument) && !(place + 1 < line.Arguments.Count && IsSerial(line.Arguments[place + 1])));
        using var qemu = new RealQemu(guest, folder);
        await qemu.TryAsync(line with { Arguments = [.. others], PostStart = commands }, TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Newer))]
    public async Task Devices_of_newer_schemas_are_given_to_qemu(string devices)
    {
        using var folder = new TestFolder();
        (GuestDefinition guest, QemuCommandLine line) = await BuildAsync(devices, folder);
        using var qemu = new RealQemu(guest, folder);
        await qemu.TryAsync(line, TestContext.Current.CancellationToken);
    }

    private static bool IsSerial(string argument) => argument.Contains("charserial0", StringComparison.Ordinal);

    private static async Task<(GuestDefinition Guest, QemuCommandLine Line)> BuildAsync(string devices, TestFolder folder)
    {
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(devices.Replace("FOLDER", folder.Path, StringComparison.Ordinal)));
        QemuCapabilities capabilities = await TestQemu.GetAsync();
        return (guest, QemuCommandLine.Build(guest, capabilities, new LaunchPaths(folder.Path, folder.File("pid"), folder.File("log"))));
    }
}
