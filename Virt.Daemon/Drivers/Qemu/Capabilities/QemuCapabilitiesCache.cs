using System.Collections.Concurrent;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// The capabilities of the host's emulators. Each binary is probed once; everyone who asks meanwhile waits for that one probe,
/// and a change of the binary (file, size or time) makes the next question probe again.
/// </summary>
/// <param name="folder">Where found capabilities are kept between runs.</param>
/// <param name="user">Whom a probe runs as; null, or an answer of null, for the daemon's own user.</param>
internal sealed class QemuCapabilitiesCache(string folder, Func<QemuUser?>? user = null)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<QemuCapabilities>>> _known = new(StringComparer.Ordinal);
    private readonly QemuCapabilitiesFile _file = new(folder);
    private int _probes;

    /// <summary>How many probes ran, for tests.</summary>
    internal int Probes => _probes;

    /// <summary>The capabilities of an emulator.</summary>
    /// <param name="emulator">Its path; null for the one of the architecture.</param>
    /// <param name="architecture">The guest architecture, when no emulator is named; null for the host's.</param>
    /// <param name="cancel">Ends this caller's wait; the probe goes on for others.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationUnsupported"/> when there is no such emulator;
    /// else why the probe failed.</exception>
    public async Task<QemuCapabilities> GetAsync(string? emulator, string? architecture, CancellationToken cancel)
    {
        string path = emulator ?? EmulatorSearch.Find(architecture) ?? throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, $"no emulator of guests of architecture '{architecture ?? EmulatorSearch.HostArchitecture}' was found", architecture,
            "Install QEMU (Debian: qemu-system-x86; Fedora: qemu-kvm).");
        EmulatorSearch.Check(path);
        DateTime changed = File.GetLastWriteTimeUtc(path);
        string key = FormattableString.Invariant($"{path}|{changed.Ticks}|{new FileInfo(path).Length}|{FileStatus.TryRead(path)?.Inode}");
        Lazy<Task<QemuCapabilities>> probe = _known.GetOrAdd(key, _ => new(() => LoadAsync(path)));
        try
        {
            return await probe.Value.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception) when (probe.Value.IsFaulted)
        {
            _known.TryRemove(new(key, probe));
            throw;
        }
    }

    /// <summary>Forgets everything, on disk too, so that the next question probes again.</summary>
    public void Forget()
    {
        _known.Clear();
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder, "capabilities-*.json"))
            File.Delete(file);
    }

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the folder '{folder}' cannot be made: {denied.Message}", folder, "Look at the rights and the space there.", denied);
        }
    }

    private async Task<QemuCapabilities> LoadAsync(string emulator)
    {
        if (_file.Read(emulator) is { } stored)
            return stored;
        MakeFolder();
        Interlocked.Increment(ref _probes);
        QemuCapabilities found = await QemuProbe.RunAsync(emulator, folder, user?.Invoke(), CancellationToken.None).ConfigureAwait(false);
        _file.Write(found);
        return found;
    }
}
