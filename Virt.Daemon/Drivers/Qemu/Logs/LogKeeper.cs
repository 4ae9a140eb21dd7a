using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Logs;

/// <summary>
/// Keeps the files to which running guests append from filling the disk: the kernel tells when one is written (inotify(7)), and one that
/// is too long is cut. Nothing is done, and nobody wakes up, while nobody writes.
/// </summary>
internal sealed partial class LogKeeper : IDisposable
{
    private const int Modified = 2;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int BufferSize = 16 << 10;

    // What is written meanwhile is looked at together.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Dictionary<string, int>> _watched = [];
    private readonly ILogger _logger;
    private readonly Socket? _changes;

    /// <summary>Makes one that watches nothing yet.</summary>
    public LogKeeper(ILogger logger)
    {
        _logger = logger;
        int descriptor = Begin(CloseOnExec | NonBlocking);
        if (descriptor < 0)
        {
            QemuLog.TaskFailed(logger, "all", "watching logs", LibC.LastError("inotify").Message);
            return;
        }

        _changes = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        _ = RunAsync(_changes);
    }

    /// <summary>The files to which a guest appends by its definition, besides its log.</summary>
    public static IEnumerable<string> FilesOf(XElement domain) =>
        (domain.Element("devices")?.Elements() ?? []).SelectMany(DeviceFiles.Of).Where(file => file.IsMade).Select(file => file.Path);

    /// <summary>Watches a guest's files, and no others of it any more; one that is too long already is cut at once.</summary>
    public void Watch(Guid guest, IEnumerable<string> paths)
    {
        if (_changes is null)
            return;
        var added = new Dictionary<string, int>(StringComparer.Ordinal);
        lock (_lock)
        {
            Dictionary<string, int>? before = _watched.GetValueOrDefault(guest);
            foreach (string path in paths)
            {
                if (before?.TryGetValue(path, out int known) == true)
                    added[path] = known;
                else if (TryAdd(path) is { } watch)
                    added[path] = watch;
            }

            _watched[guest] = added;
            Remove(before, except: added);
        }

        foreach (string path in added.Keys)
            Cut(path);
    }

    /// <summary>Watches nothing of a guest any more.</summary>
    public void Forget(Guid guest)
    {
        lock (_lock)
        {
            if (_watched.Remove(guest, out Dictionary<string, int>? before))
                Remove(before, except: null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changes?.Dispose();

    private void Remove(Dictionary<string, int>? watches, Dictionary<string, int>? except)
    {
        foreach ((string path, int watch) in watches ?? new Dictionary<string, int>())
        {
            if (except?.ContainsKey(path) != true && !_watched.Values.Any(others => others.ContainsValue(watch)))
                _ = RemoveWatch(_changes!.SafeHandle, watch);
        }
    }

    private int? TryAdd(string path)
    {
        try
        {
            using HostPath? found = HostPath.Find(path);
            if (found is not { Status.Kind: Native.FileKind.File })
                return null;
            int watch = AddWatch(_changes!.SafeHandle, OpenCalls.PathOf(found.File), Modified);
            return watch >= 0 ? watch : null;
        }
        catch (Exception unreachable) when (unreachable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task RunAsync(Socket changes)
    {
        byte[] events = new byte[BufferSize];
        try
        {
            while (await changes.ReceiveAsync(events).ConfigureAwait(false) is > 0 and var count)
            {
                foreach (string path in Named(events.AsSpan(0, count)))
                    Cut(path);
                await Task.Delay(Pause).ConfigureAwait(false);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The daemon stops.
        }
    }

    // An event is the number of its watch, three more numbers, the last of which is the length of a name. Without a number the kernel
    // could not keep up, and any may have been written.
    private List<string> Named(ReadOnlySpan<byte> events)
    {
        var watches = new HashSet<int>();
        while (events.Length >= 16)
        {
            watches.Add(MemoryMarshal.Read<int>(events));
            events = events[Math.Min(events.Length, 16 + MemoryMarshal.Read<int>(events[12..]))..];
        }

        lock (_lock)
            return [.. _watched.Values.SelectMany(files => files).Where(file => watches.Contains(-1) || watches.Contains(file.Value)).Select(file => file.Key).Distinct()];
    }

    private void Cut(string path)
    {
        try
        {
            if (LogFile.Cut(path))
                QemuLog.LogCut(_logger, path, LogFile.Limit >> 20);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            QemuLog.TaskFailed(_logger, path, "cutting it", failed.Message);
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Begin(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeHandle inotify, string path, uint mask);

    [LibraryImport(LibC.Name, EntryPoint = "inotify_rm_watch", SetLastError = true)]
    private static partial int RemoveWatch(SafeHandle inotify, int watch);
}
