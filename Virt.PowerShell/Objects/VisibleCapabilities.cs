using Virt.Domains;
using Virt.Hosts;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Records that scripts see as they are, with visible text.</summary>
internal static class VisibleCapabilities
{
    public static HostCapabilities Of(HostCapabilities host) => host with
    {
        Architecture = VisibleText.Line(host.Architecture),
        CpuModel = VisibleText.Line(host.CpuModel),
        CpuVendor = VisibleText.Line(host.CpuVendor),
        KvmReason = VisibleText.Line(host.KvmReason),
        Guests = [.. host.Guests.Select(Of)],
    };

    public static DomainCapabilities Of(DomainCapabilities domain) => domain with
    {
        Emulator = VisibleText.Line(domain.Emulator),
        Type = VisibleText.Line(domain.Type),
        Architecture = VisibleText.Line(domain.Architecture),
        Machine = VisibleText.Line(domain.Machine),
        CpuModels = [.. domain.CpuModels.Select(model => model with
        {
            Name = VisibleText.Line(model.Name), Blockers = VisibleText.Each(model.Blockers),
        })],
        Devices = [.. domain.Devices.Select(device => new DeviceCapabilities(
            VisibleText.Line(device.Element), VisibleText.Line(device.Attribute), VisibleText.Each(device.Values)))],
    };

    public static LaunchCommand Of(LaunchCommand command) => new(
        VisibleText.Line(command.Executable), VisibleText.Each(command.Arguments),
        command.Environment.DistinctBy(one => VisibleText.Line(one.Key))
            .ToDictionary(one => VisibleText.Line(one.Key), one => VisibleText.Line(one.Value)));

    private static GuestCapabilities Of(GuestCapabilities guest) => new(
        VisibleText.Line(guest.Architecture), VisibleText.Line(guest.Emulator), VisibleText.Line(guest.EmulatorVersion),
        VisibleText.Line(guest.OsType), VisibleText.Each(guest.DomainTypes),
        [.. guest.Machines.Select(machine => machine with { Name = VisibleText.Line(machine.Name), Alias = VisibleText.Line(machine.Alias) })]);
}
