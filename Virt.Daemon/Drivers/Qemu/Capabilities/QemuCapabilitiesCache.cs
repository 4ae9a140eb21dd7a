using System.Collections.Concurrent;
using System.Diagnostics;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// The capabilities of the host's emulators. Each binary is probed once; everyone who asks meanwhile waits for that one probe,
/// and a change of the binary (file, size or time) makes the next question probe again.
/// </summary>
/// <param name="folder">Where found capabilities are kept between runs.</param>
/// <param name="programs">The emulators that may be run; null for those that virtd finds itself.</param>
/// <param name="walls">The walls around a probe; null for none but those that cost nothing.</param>
/// <param name="ran">Told of each probe that ran.</param>
internal sealed class QemuCapabilitiesCache(
    string folder, ProgramList? programs = null, Func<Confinement>? walls = null, Action<ProbeReport>? ran = null)
{
    private readonly ProgramList _programs = programs ?? HostPrograms.Found.Emulators;
    private readonly ConcurrentDictionary<string, Lazy<Task<QemuCapabilities>>> _known = new(StringComparer.Ordinal);
    private readonly QemuCapabilitiesFile _file = new(folder);
    private int _probes;

    /// <summary>How many probes ran, for tests.</summary>
    internal int Probes => _probes;

    /// <summary>The capabilities of an emulator.</summary>
    /// <param name="emulator">Its path; null for the one of the architecture.</param>
    /// <param name="architecture">The guest architecture, when no emulator is named; null for the host's.</param>
    /// <param name="cancel">Ends this caller's wait; the probe goes on for others.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationUnsupported"/> when there is no such emulator or it is not one
    /// that may be run; else why the probe failed.</exception>
    public async Task<QemuCapabilities> GetAsync(string? emulator, string? architecture, CancellationToken cancel)
    {
        string path = emulator ?? EmulatorSearch.Find(architecture) ?? throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, $"no emulator of guests of architecture '{architecture ?? EmulatorSearch.HostArchitecture}' was found", architecture,
            "Install QEMU (Debian: qemu-system-x86; Fedora: qemu-kvm).");
        if (emulator is not null)
            _programs.Demand(emulator);
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

    /// <summary>
    /// The capabilities by which a running guest is read back. A guest of an emulator that may not be run any more is read with those of
    /// the host's own: nothing of it is started by that.
    /// </summary>
    public Task<QemuCapabilities> GetForRunningAsync(string? emulator, string? architecture, CancellationToken cancel) =>
        GetAsync(emulator is not null && _programs.Has(emulator) ? emulator : null, architecture, cancel);

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
        Confinement around = walls?.Invoke() ?? new Confinement(null);
        long began = Stopwatch.GetTimestamp();
        try
        {
            QemuCapabilities found = await QemuProbe.RunAsync(emulator, folder, around, CancellationToken.None).ConfigureAwait(false);
            ran?.Invoke(new ProbeReport(emulator, around.User?.Name, Stopwatch.GetElapsedTime(began), Failure: null));
            _file.Write(found);
            return found;
        }
        catch (VirtException failed)
        {
            ran?.Invoke(new ProbeReport(emulator, around.User?.Name, Stopwatch.GetElapsedTime(began), failed.Message));
            throw;
        }
    }
}

/// <summary>A probe that ran.</summary>
/// <param name="Emulator">The program.</param>
/// <param name="User">Whom it ran as; null for the daemon's own user.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
internal sealed record ProbeReport(string Emulator, string? User, TimeSpan Time, string? Failure);
