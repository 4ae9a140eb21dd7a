using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>How a guest's QEMU is run: a program, its arguments, its whole environment, and what the monitor is told
/// first.</summary>
/// <param name="Executable">The emulator's path.</param>
/// <param name="Arguments">Its arguments; they reach it as they are, no shell is involved and none holds a secret.</param>
/// <param name="Environment">The whole environment of the process; nothing is inherited.</param>
/// <param name="PostStart">Monitor commands between the monitor's greeting and the first <c>cont</c>, in order.</param>
/// <param name="Descriptors">What the process inherits after the monitor's descriptor, opened just before it starts.</param>
internal sealed record QemuCommandLine(
    string Executable, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<PostStartCommand> PostStart, IReadOnlyList<Func<SafeHandle>> Descriptors)
{
    /// <summary>The descriptor on which the process inherits a listening unix socket for its monitor.</summary>
    public const int MonitorDescriptor = 3;

    /// <summary>What a QEMU denies itself: new programs, other users, limits of others.</summary>
    internal const string Sandbox = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

    /// <summary>Writes the command line of a guest.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationUnsupported"/> when the definition asks for KVM
    /// and the probe of KVM failed (the message has its reason), or for what QEMU or the host lacks.</exception>
    public static QemuCommandLine Build(GuestDefinition guest, QemuCapabilities capabilities, LaunchPaths paths)
    {
        if (guest.Accelerator == Accelerator.Kvm && !capabilities.Kvm.Usable)
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported,
                $"the domain '{guest.General.Name}' is of type 'kvm', but KVM is not usable on this host: {capabilities.Kvm.Reason}",
                guest.General.Name, "Make KVM usable, or define the domain with type='qemu' to emulate its processors.");
        }

        guest.CheckStart();
        var arguments = new QemuArguments(paths);
        AddEnvironment(arguments);
        arguments.Add("-name", new OptionString().With("guest", guest.General.Name).With("debug-threads", true));
        arguments.Add("-S");
        guest.AddSections(arguments);
        AddProcess(arguments, guest.Display, guest.Host.Sandbox);
        guest.AddDevices(arguments);
        guest.AddLast(arguments);
        guest.CheckStart();
        return new QemuCommandLine(capabilities.Emulator, arguments.Arguments, arguments.Environment, arguments.PostStart, arguments.Descriptors);
    }

    private static void AddProcess(QemuArguments arguments, string display, bool sandbox)
    {
        arguments.Add("-no-user-config");
        arguments.Add("-nodefaults");
        arguments.Add("-display", display);
        arguments.Add("-chardev", $"socket,id=charmonitor,fd={MonitorDescriptor},server=on,wait=off");
        arguments.Add("-mon", "chardev=charmonitor,id=monitor,mode=control");
        arguments.Add("-pidfile", arguments.Paths.PidFile);
        arguments.Add("-no-shutdown");
        arguments.Add("-sandbox", sandbox ? Sandbox : "off");
        arguments.Add("-msg", "timestamp=on");
        if (arguments.Paths.Incoming is { } incoming)
            arguments.Add("-incoming", incoming);
    }

    private static void AddEnvironment(QemuArguments arguments)
    {
        string home = arguments.Paths.StateFolder;
        arguments.Environment["LC_ALL"] = "C";
        arguments.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        arguments.Environment["HOME"] = home;
        arguments.Environment["XDG_DATA_HOME"] = Path.Combine(home, ".local/share");
        arguments.Environment["XDG_CACHE_HOME"] = Path.Combine(home, ".cache");
        arguments.Environment["XDG_CONFIG_HOME"] = Path.Combine(home, ".config");
    }
}
