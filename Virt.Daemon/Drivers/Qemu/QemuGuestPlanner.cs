using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>Plans guests from libvirt's domain XML and what the emulator can do.</summary>
internal sealed class QemuGuestPlanner(QemuCapabilitiesCache capabilities, GuestPreparation preparation, GuestHost host, ILogger logger) : IGuestPlanner
{
    /// <inheritdoc/>
    public async ValueTask<DomainDefinition> CheckAsync(DomainDefinition definition, CancellationToken cancel)
    {
        (GuestDefinition guest, _) = await ParseAsync(definition, cancel).ConfigureAwait(false);
        foreach (string warning in guest.Warnings)
            QemuLog.NoEffect(logger, definition.Name, warning);
        return guest.General;
    }

    /// <inheritdoc/>
    public async ValueTask<GuestPlan> PlanAsync(DomainDefinition definition, GuestPlaces places, CancellationToken cancel)
    {
        (GuestDefinition guest, QemuCapabilities found) = await ParseAsync(definition, cancel).ConfigureAwait(false);
        await guest.PrepareAsync(preparation, cancel).ConfigureAwait(false);
        QemuCommandLine line = QemuCommandLine.Build(
            guest, found, new LaunchPaths(RunFolder.OwnOf(places.Folder), places.PidFile, places.LogFile, places.Restoring ? "defer" : null) { RunFolder = places.Folder });
        return new GuestPlan(
            line.Executable, line.Arguments, [.. line.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
            [.. line.PostStart.Select(Step)], () => guest.ToXml(live: true, secure: true), guest.Resources, line.Descriptors);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IHostResource>> ReadResourcesAsync(DomainDefinition live, CancellationToken cancel) =>
        (await ReadLiveAsync(live, cancel).ConfigureAwait(false)).Resources;

    /// <inheritdoc/>
    public async ValueTask<GuestDefinition> ReadLiveAsync(DomainDefinition live, CancellationToken cancel)
    {
        QemuCapabilities found = await capabilities.GetForRunningAsync(
            GuestDefinition.EmulatorOf(live), live.Architecture, cancel).ConfigureAwait(false);
        return GuestDefinition.ParseLive(live, found, host);
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(IEnumerable<GuestDevice> devices, CancellationToken cancel)
    {
        foreach (IPreparedDevice device in devices.OfType<IPreparedDevice>())
            await device.PrepareAsync(preparation, cancel).ConfigureAwait(false);
    }

    /// <summary>The monitor's command of a step.</summary>
    internal static GuestPlanStep Step(PostStartCommand command) => new(
        new QmpCommand(
            command.Execute,
            command.Arguments is null
                ? null
                : writer =>
                {
                    foreach ((string name, JsonNode? value) in command.Arguments)
                    {
                        writer.WritePropertyName(name);
                        if (value is null)
                            writer.WriteNullValue();
                        else
                            value.WriteTo(writer);
                    }
                }),
        command.Reply);

    private async ValueTask<(GuestDefinition Guest, QemuCapabilities Capabilities)> ParseAsync(DomainDefinition definition, CancellationToken cancel)
    {
        QemuCapabilities found = await capabilities.GetAsync(
            GuestDefinition.EmulatorOf(definition), definition.Architecture, cancel).ConfigureAwait(false);
        return (GuestDefinition.Parse(definition, found, host), found);
    }
}
