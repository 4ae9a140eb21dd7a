using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>What devices are made of for a running QEMU, derived from what they write on a command line.</summary>
internal sealed class DeviceParts
{
    private const string Action = "-action";
    private const string BootIndex = "bootindex";

    private DeviceParts(QemuArguments arguments, IReadOnlyList<QemuPart> parts, IReadOnlyList<QmpCommand> actions)
    {
        Parts = parts;
        Actions = actions;
        Arguments = arguments;
    }

    /// <summary>The parts, in the order in which they are added.</summary>
    public IReadOnlyList<QemuPart> Parts { get; }

    /// <summary>Settings of the machine that come with the device.</summary>
    public IReadOnlyList<QmpCommand> Actions { get; }

    /// <summary>The rest of what the devices wrote: descriptors, and commands for afterwards.</summary>
    public QemuArguments Arguments { get; }

    /// <summary>Reads the parts of some devices.</summary>
    /// <param name="devices">The devices, in the order in which they are added.</param>
    /// <param name="paths">The paths of the run.</param>
    /// <param name="lastNode">The highest number of the run's block nodes; null for devices that the guest has, of which only ids matter.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationUnsupported"/> when a device needs an option that a running
    /// QEMU does not take.</exception>
    public static DeviceParts Of(IReadOnlyList<GuestDevice> devices, LaunchPaths paths, int? lastNode = null)
    {
        var arguments = new QemuArguments(paths, lastNode ?? 0) { IsReadBack = lastNode is null };
        foreach (GuestDevice device in devices)
        {
            device.AddTo(arguments);
            foreach (PostStartCommand command in (device as IPostStart)?.PostStart() ?? [])
                arguments.AddPostStart(command);
        }

        GuestDevice last = devices[^1];
        var actions = new List<QmpCommand>();
        foreach ((string option, string value) in Options(arguments))
            actions.Add(option == Action ? ActionCommand(value) : throw CannotTake(last, option));
        bool boots = last.Element.Element("boot") is not null;
        return new DeviceParts(arguments, [.. arguments.Parts.Select(part => boots ? part : WithoutBoot(part))], actions);
    }

    /// <summary>Whether these parts have a device of QEMU's with this id.</summary>
    public bool HasDevice(string id) => Parts.Any(part => part.Option == "-device" && GuestPart.Id(part) == id);

    /// <summary>The options that have no match among the parts, with their values.</summary>
    private static IEnumerable<(string Option, string Value)> Options(QemuArguments arguments)
    {
        var known = arguments.Parts.Select(part => part.Option).GroupBy(option => option).ToDictionary(group => group.Key, group => group.Count());
        for (int i = 0; i + 1 < arguments.Arguments.Count; i += 2)
        {
            string option = arguments.Arguments[i];
            if (known.GetValueOrDefault(option) is > 0 and var left)
                known[option] = left - 1;
            else
                yield return (option, arguments.Arguments[i + 1]);
        }
    }

    private static QmpCommand ActionCommand(string value)
    {
        string[] pair = value.Split('=');
        return GuestPart.Command("set-action", pair[0], pair[^1]);
    }

    // A place in the boot order that the classes of os give was given out when the guest started.
    private static QemuPart WithoutBoot(QemuPart part)
    {
        if (part.Option != "-device" || !part.Value.ContainsKey(BootIndex))
            return part;
        var value = (JsonObject)part.Value.DeepClone();
        value.Remove(BootIndex);
        return part with { Value = value };
    }

    private static VirtException CannotTake(GuestDevice device, string option) => new(
        VirtErrorCode.OperationUnsupported,
        $"the {DeviceElement.Describe(device.Element)} cannot be plugged into a running guest: QEMU takes its option {option} only at start",
        recommendedAction: "Use the scope Config: it takes effect with the next start.");
}
