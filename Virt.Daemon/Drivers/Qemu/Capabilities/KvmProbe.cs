using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>
/// Finds out whether KVM runs guests: boots one that does nothing but reach long mode. That /dev/kvm exists, can be opened, or
/// that QEMU says "enabled" is not enough: there are hosts on which all of that is so and no kernel boots.
/// </summary>
internal static class KvmProbe
{
    private const string Device = "/dev/kvm";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Runs the probe; whatever happens becomes a reason.</summary>
    public static async Task<KvmSupport> RunAsync(string emulator, string architecture, string scratch, Confinement walls, CancellationToken cancel)
    {
        if (architecture is not ("x86_64" or "i686"))
            return new KvmSupport(false, $"the host does not run guests of architecture '{architecture}' itself");
        if (Closed() is { } reason)
            return new KvmSupport(false, reason);
        try
        {
            using SafeFileHandle rom = Make(Path.Combine(scratch, $"kvm-probe-{Guid.NewGuid():n}.bin"));
            return await BootAsync(emulator, ["-accel", "kvm", "-cpu", "host"], rom, walls, cancel).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or VirtException)
        {
            return new KvmSupport(false, $"it could not be tried: {failure.Message}");
        }
    }

    // It has no name any more when it is used: nothing is left of it, whatever happens.
    private static SafeFileHandle Make(string path)
    {
        SafeFileHandle rom = HostFile.Create(path);
        try
        {
            HostFile.Delete(path);
            RandomAccess.Write(rom, KvmProbeRom.Image(), 0);
            FileOwner.SetMode(rom, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            return rom;
        }
        catch
        {
            rom.Dispose();
            throw;
        }
    }

    /// <summary>Boots the probe's firmware with an accelerator.</summary>
    internal static async Task<KvmSupport> BootAsync(string emulator, string[] accelerator, SafeFileHandle rom, Confinement walls, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ConfinedProcess process = await ConfinedProcess.StartAsync(
            walls, emulator,
            [
                .. accelerator, "-machine", "pc", "-m", "16", "-no-user-config", "-nodefaults", "-display", "none", "-no-reboot",
                "-bios", "/proc/self/fd/3", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", .. walls.QemuArguments,
            ],
            [rom], cancel).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            limit.CancelAfter(Limit);
            try
            {
                int code = await process.WaitAsync(limit.Token).ConfigureAwait(false);
                if (code == KvmProbeRom.Answer)
                    return new KvmSupport(true, null);
                string words = process.Words();
                return new KvmSupport(
                    false, words.Length > 0 ? words : $"a guest that was tried ended with code {code} instead of running");
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return new KvmSupport(
                    false, $"a guest that was tried did not get through its first instructions in {Limit.TotalSeconds} seconds");
            }
        }
    }

    private static string? Closed()
    {
        try
        {
            using var device = new FileStream(Device, FileMode.Open, FileAccess.ReadWrite);
            return null;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{Device} does not exist: the kernel's KVM module is not loaded, or virtualisation is turned off";
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            return $"{Device} cannot be opened: {failure.Message}";
        }
    }
}
