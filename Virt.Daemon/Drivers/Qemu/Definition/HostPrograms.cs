using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Hosting;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>The programs that a definition may name, by kind.</summary>
/// <param name="Emulators">QEMU's.</param>
/// <param name="SharedFolders">Those that serve shared folders: virtiofsd.</param>
/// <param name="InterfaceScripts">Those that are run with the name of a network interface.</param>
internal sealed record HostPrograms(ProgramList Emulators, ProgramList SharedFolders, ProgramList InterfaceScripts)
{
    /// <summary>What virtd finds itself.</summary>
    public static HostPrograms Found { get; } = Of(new QemuConfig());

    /// <summary>What virtd finds itself, and what a configuration lists.</summary>
    public static HostPrograms Of(QemuConfig config) => new(
        new ProgramList("the emulator", "emulators", EmulatorSearch.Names, config.Emulators),
        new ProgramList("the program for shared folders", "virtiofsd", VirtiofsPrograms.All, config.Virtiofsd),
        new ProgramList("the script", "interfaceScripts", () => [], config.InterfaceScripts));
}
