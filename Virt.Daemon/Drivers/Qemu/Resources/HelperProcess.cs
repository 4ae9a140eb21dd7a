using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>
/// A process that serves a guest, as swtpm or virtiofsd. Like QEMU it outlives the daemon; a file in the run's folder tells which
/// process it is. Its output goes to the domain's log.
/// </summary>
internal static class HelperProcess
{
    private const int MaximumBytes = 4096;

    private static readonly TimeSpan TerminateLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private static readonly string[] Environment =
        ["LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>Starts one.</summary>
    /// <param name="host">The run it serves.</param>
    /// <param name="id">Its name among the run's helpers: letters, digits, '-'.</param>
    /// <param name="user">Whom it runs as; null for the daemon's own user.</param>
    /// <param name="executable">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="descriptors">What it inherits, from descriptor 3 on; a listening socket here needs no waiting for a path.</param>
    public static void Start(
        HostServices host, string id, QemuUser? user, string executable, IReadOnlyCollection<string> arguments,
        params IReadOnlyList<SafeHandle> descriptors)
    {
        using SafeFileHandle log = OpenLog(host);
        using QemuProcess process = host.Launcher.LaunchAs(user, profile: null, executable, arguments, Environment, log, descriptors);
        DurableFile.WriteVolatile(FileOf(host, id), JsonSerializer.SerializeToUtf8Bytes(process.Identity, HelperJson.Default.ProcessIdentity));
    }

    /// <summary>Runs a program to its end and returns its exit status; null when a signal ended it.</summary>
    public static async Task<int?> RunAsync(
        HostServices host, QemuUser? user, string executable, IReadOnlyCollection<string> arguments, IReadOnlyList<SafeHandle> descriptors,
        CancellationToken cancel)
    {
        using SafeFileHandle log = OpenLog(host);
        using QemuProcess process = host.Launcher.LaunchAs(user, profile: null, executable, arguments, Environment, log, descriptors);
        try
        {
            return (await process.Exited.WaitAsync(cancel).ConfigureAwait(false)).Status;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Ends it, if it has not ended by itself.</summary>
    public static async ValueTask StopAsync(HostServices host, string id)
    {
        if (Read(FileOf(host, id)) is not { } identity || host.Launcher.Adopt(identity) is not { } process)
            return;
        using (process)
        {
            process.Terminate();
            if (await Task.WhenAny(process.Exited, Task.Delay(TerminateLimit)).ConfigureAwait(false) == process.Exited)
                return;
            process.Kill();
            await Task.WhenAny(process.Exited, Task.Delay(KillLimit)).ConfigureAwait(false);
        }
    }

    private static SafeFileHandle OpenLog(HostServices host) => HostFile.Append(host.Folders.LogOf(host.Name));

    private static string FileOf(HostServices host, string id) => Path.Combine(host.RunFolder, id + ".process");

    private static ProcessIdentity? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(HostFile.Read(path, MaximumBytes), HelperJson.Default.ProcessIdentity);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
