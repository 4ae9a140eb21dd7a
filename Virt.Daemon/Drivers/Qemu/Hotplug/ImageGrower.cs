using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Storage;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>
/// Makes an image larger that no guest has open. A raw one is a matter of its length; any other is grown by a QEMU behind walls, which gets
/// the open file and nothing else: no name, no network, and no image below it.
/// </summary>
internal static class ImageGrower
{
    private const string Node = "image";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Grows it.</summary>
    /// <param name="walls">What the QEMU may.</param>
    /// <param name="image">The image as it is.</param>
    /// <param name="capacity">The size the guest shall see, in bytes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="VirtException">It cannot be grown; the message says why.</exception>
    public static async Task GrowAsync(Confinement walls, ImageRecord image, long capacity, CancellationToken cancel)
    {
        // What the image below has beyond the end of this one would come to light.
        if (image.Backing is [{ Format: { } format } below, ..] && below.Path.StartsWith('/')
            && (await ImageInspector.ReadAsync(below.Path, format, cancel).ConfigureAwait(false)).Capacity > image.Capacity)
        {
            throw new VirtException(
                VirtErrorCode.OperationUnsupported, $"the image '{image.Path}' is smaller than '{below.Path}', which it is based on", image.Path, "Grow it while the guest runs.");
        }

        using SafeFileHandle file = await ImageInspector.RunAsync(image.Path, () => Open(image.Path), cancel).ConfigureAwait(false);
        if (image.Format == "raw")
            RandomAccess.SetLength(file, capacity);
        else
            await GrowAsync(walls, file, image, capacity, cancel).ConfigureAwait(false);
    }

    private static async Task GrowAsync(Confinement walls, SafeFileHandle file, ImageRecord image, long capacity, CancellationToken cancel)
    {
        string emulator = EmulatorSearch.Find() ?? throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, "no QEMU was found, which grows images", image.Path, "Install QEMU (Debian: qemu-system-x86; Fedora: qemu-kvm).");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        ConfinedProcess process = await ConfinedProcess.StartAsync(
            walls, emulator,
            [
                "-accel", "tcg", .. ProbeMonitor.Arguments, .. walls.QemuArguments, "-add-fd", "fd=3,set=1",
                "-blockdev", Json(new JsonObject { ["driver"] = "file", ["node-name"] = "file", ["filename"] = "/dev/fdset/1" }),
                "-blockdev", Json(Formatted(image.Format)),
            ],
            [file], limit.Token).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            try
            {
                var monitor = new ProbeMonitor(process, emulator);
                await monitor.GreetAsync(limit.Token).ConfigureAwait(false);
                if (await monitor.TryAskAsync("block_resize", new JsonObject { ["node-name"] = Node, ["size"] = capacity }, limit.Token).ConfigureAwait(false) is null)
                    throw new VirtException(VirtErrorCode.OperationFailed, $"QEMU does not grow the image '{image.Path}': {monitor.LastError}", image.Path);
                // It writes what it has in memory when it ends by itself.
                await monitor.AskAsync("quit", null, limit.Token).ConfigureAwait(false);
                await process.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new VirtException(VirtErrorCode.OperationFailed, $"'{emulator}' does not answer as QEMU does: {foreign.Message}", emulator, innerException: foreign);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new VirtException(
                    VirtErrorCode.OperationTimeout, $"the image '{image.Path}' was not grown within {Limit.TotalSeconds} s", image.Path, "Look at the storage it lies on.");
            }
        }
    }

    private static JsonObject Formatted(string format)
    {
        var node = new JsonObject { ["driver"] = format, ["node-name"] = Node, ["file"] = "file" };
        if (ImageFormats.CanHaveBacking(format))
            node["backing"] = null;
        return node;
    }

    private static string Json(JsonObject value) => CommandLine.JsonProperties.Format(value);

    private static SafeFileHandle Open(string path)
    {
        try
        {
            return HostFile.OpenWrite(path);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(VirtErrorCode.OperationFailed, $"the image '{path}' cannot be changed: {closed.Message}", path, "Look at the path and the rights on it.", closed);
        }
    }
}
