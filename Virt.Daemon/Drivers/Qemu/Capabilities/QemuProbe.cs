using System.Text.Json;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Asks a QEMU binary what it can do: runs it once without a machine, and talks to its monitor.</summary>
internal static class QemuProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly Version Oldest = new(6, 2);

    /// <summary>Probes the binary behind walls; <paramref name="scratch"/> is a folder for the file that the probe of KVM needs.</summary>
    /// <exception cref="VirtException">It is no QEMU, too old, or does not answer in time.</exception>
    public static async Task<QemuCapabilities> RunAsync(string emulator, string scratch, Confinement walls, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            QemuCapabilities found = await AskAsync(emulator, walls, limit.Token).ConfigureAwait(false);
            KvmSupport kvm = await KvmProbe.RunAsync(emulator, found.Architecture, scratch, walls, cancel).ConfigureAwait(false);
            return kvm.Usable
                ? found with { Kvm = kvm, KvmCpuModels = await AskKvmModelsAsync(emulator, walls, cancel).ConfigureAwait(false) }
                : found with { Kvm = kvm };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout, 
                $"the emulator '{emulator}' did not tell its capabilities within {Limit.TotalSeconds} seconds", emulator);
        }
        catch (Exception malformed) when (
            malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException or IOException)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"'{emulator}' does not answer as QEMU does: {malformed.Message}", emulator,
                "Check that the emulator is a QEMU system emulator.", malformed);
        }
    }

    private static Task<ConfinedProcess> StartAsync(string emulator, string accelerator, Confinement walls, CancellationToken cancel) =>
        ConfinedProcess.StartAsync(walls, emulator, ["-accel", accelerator, .. ProbeMonitor.Arguments, .. walls.QemuArguments], [], cancel);

    private static async Task<QemuCapabilities> AskAsync(string emulator, Confinement walls, CancellationToken cancel)
    {
        ConfinedProcess process = await StartAsync(emulator, "tcg", walls, cancel).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            var monitor = new ProbeMonitor(process, emulator);
            string version = await monitor.GreetAsync(cancel).ConfigureAwait(false);
            if (Version.Parse(version) < Oldest)
                throw new VirtException(
                    VirtErrorCode.ConfigurationUnsupported, $"'{emulator}' is QEMU {version}; Virt needs {Oldest} or newer",
                    emulator);
            string target = (await monitor.AskAsync("query-target", null, cancel).ConfigureAwait(false)).GetProperty("arch").GetString()!;
            JsonElement machines = await monitor.AskAsync("query-machines", null, cancel).ConfigureAwait(false);
            IReadOnlyList<QemuCpuModel> models = await AskModelsAsync(monitor, cancel).ConfigureAwait(false);
            JsonElement devices = await monitor.AskAsync(
                "qom-list-types", new JsonObject { ["implements"] = "device", ["abstract"] = false }, cancel).ConfigureAwait(false);
            JsonElement? properties = await monitor.TryAskAsync(
                "qom-list-properties", new JsonObject { ["typename"] = $"max-{target}-cpu" }, cancel).ConfigureAwait(false);
            return new QemuCapabilities(
                emulator, version, target == "i386" ? "i686" : target, QemuReplies.Machines(machines), models, [],
                QemuReplies.Features(properties), QemuReplies.Types(devices), new KvmSupport(false, null));
        }
    }

    private static async Task<IReadOnlyList<QemuCpuModel>> AskKvmModelsAsync(string emulator, Confinement walls, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        ConfinedProcess process = await StartAsync(emulator, "kvm", walls, limit.Token).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            var monitor = new ProbeMonitor(process, emulator);
            await monitor.GreetAsync(limit.Token).ConfigureAwait(false);
            return await AskModelsAsync(monitor, limit.Token).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<QemuCpuModel>> AskModelsAsync(ProbeMonitor monitor, CancellationToken cancel)
    {
        JsonElement? models = await monitor.TryAskAsync("query-cpu-definitions", null, cancel).ConfigureAwait(false);
        return models is { } list ? QemuReplies.CpuModels(list) : [];
    }
}
