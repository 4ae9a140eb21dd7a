using System.Globalization;
using System.Text;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>The guest's own <c>qemu-pr-helper</c>. It turns itself into a daemon once its socket listens.</summary>
internal sealed class ReservationHelper : IHostResource
{
    /// <summary>QEMU's id of the object that speaks to it.</summary>
    public const string Id = "pr-helper0";

    private const int MaximumPid = 32;
    private const string Executable = "/usr/bin/qemu-pr-helper";
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);
    private static readonly string[] Environment = ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>Its socket in a run's folder.</summary>
    public static string SocketIn(string folder) => Path.Combine(folder, Id + ".sock");

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        await ReleaseAsync(host).ConfigureAwait(false);
        if (!HostFile.Exists(Executable))
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"persistent reservations need {Executable}, which is not installed", host.Name,
                "Install qemu-system-common (qemu-pr-helper), or use an unmanaged helper.");
        }

        using var log = HostFile.Append(host.Folders.LogOf(host.Name));
        using QemuProcess process = host.Launcher.Launch(
            Executable, ["-d", "-k", SocketIn(host.RunFolder), "-f", PidFileIn(host.RunFolder)], Environment, log);
        ProcessExit exit = await process.Exited.WaitAsync(cancel).ConfigureAwait(false);
        if (HostFile.TryLook(SocketIn(host.RunFolder)) is null)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"{Executable} did not start: {exit}", host.Name, $"Its words are in {host.Folders.LogOf(host.Name)}.");
        }

        host.GiveSocket(SocketIn(host.RunFolder));
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(HostServices host)
    {
        if (Find(host) is not { } identity || host.Launcher.Adopt(identity) is not { } process)
            return;
        using (process)
        {
            process.Kill();
            await process.Exited.WaitAsync(EndLimit).ConfigureAwait(false);
        }

        HostFile.Delete(PidFileIn(host.RunFolder));
        HostFile.Delete(SocketIn(host.RunFolder));
    }

    private static string PidFileIn(string folder) => Path.Combine(folder, Id + ".pid");

    // The pid may be another's by now: only a process that was given our socket is ours.
    private static ProcessIdentity? Find(HostServices host)
    {
        try
        {
            return int.TryParse(Encoding.ASCII.GetString(HostFile.Read(PidFileIn(host.RunFolder), MaximumPid)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(SocketIn(host.RunFolder))
                ? ProcessIdentity.TryRead(pid)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
