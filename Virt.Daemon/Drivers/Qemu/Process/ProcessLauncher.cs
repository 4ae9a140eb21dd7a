using Virt.Native;
using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Process.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>Starts processes that outlive the daemon: their own session, and of our descriptors only those they are given.</summary>
/// <param name="watcher">Learns of their end.</param>
internal sealed class ProcessLauncher(ProcessWatcher watcher)
{
    private const int ReadOnlyFlag = 0;
    private const int FirstMapped = 3;

    /// <summary>Starts a process as a user: with no capability, now or later, and in that user's groups alone.</summary>
    /// <param name="user">The user; null for the daemon's own.</param>
    /// <param name="profile">The AppArmor profile that it runs in as another user, where the host has it; null for none.</param>
    /// <param name="executable">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its environment, as <c>NAME=value</c>.</param>
    /// <param name="log">Takes its output.</param>
    /// <param name="descriptors">What it inherits, from 3 on.</param>
    public QemuProcess LaunchAs(
        QemuUser? user, string? profile, string executable, IReadOnlyCollection<string> arguments, IReadOnlyCollection<string> environment, SafeHandle log,
        params IReadOnlyList<SafeHandle> descriptors)
    {
        if (user is null)
            return Launch(executable, arguments, environment, log, descriptors);
        foreach (SafeHandle descriptor in descriptors)
            Privileges.Share(descriptor, user);
        (environment, executable, arguments) = Privileges.Part(environment, executable, arguments);
        return Launch(Privileges.Program, Privileges.Drop(user, executable, arguments, profile), environment, log, descriptors);
    }

    /// <summary>Starts a process. Standard input is /dev/null, output and errors go to the log, descriptors follow from 3 on.</summary>
    public QemuProcess Launch(
        string executable, IReadOnlyCollection<string> arguments, IReadOnlyCollection<string> environment, SafeHandle log,
        params IReadOnlyList<SafeHandle> descriptors)
    {
        int pid = Spawn(executable, arguments, environment, log, descriptors);
        // Nobody but the watcher reaps our children, so the pid cannot have been reused here.
        PidFd? handle = null;
        try
        {
            handle = PidFd.TryOpen(pid) ?? throw new VirtException(VirtErrorCode.InternalError, $"process {pid} was reaped by someone else");
            ProcessIdentity identity = ProcessIdentity.TryRead(pid) ?? new ProcessIdentity(pid, 0, ProcessIdentity.CurrentBootId);
            return new QemuProcess(identity, handle, watcher.WatchAsync(handle));
        }
        catch
        {
            // One that cannot be watched, as without descriptors left, must not run on without us.
            handle?.Dispose();
            PidFd.KillChild(pid);
            throw;
        }
    }

    /// <summary>Takes over a process that an earlier daemon started; null when it is gone or the pid is another's now.</summary>
    public QemuProcess? Adopt(ProcessIdentity identity)
    {
        if (identity.BootId != ProcessIdentity.CurrentBootId || PidFd.TryOpen(identity.Pid) is not { } handle)
            return null;
        // Checked after the descriptor is held: from here on it cannot become another process.
        if (ProcessIdentity.TryRead(identity.Pid) == identity)
            return new QemuProcess(identity, handle, watcher.WatchAsync(handle));
        handle.Dispose();
        return null;
    }

    private static int Spawn(
        string executable, IReadOnlyCollection<string> arguments, IReadOnlyCollection<string> environment, SafeHandle log,
        IReadOnlyList<SafeHandle> descriptors)
    {
        using var spawn = new PosixSpawn(FirstMapped + descriptors.Count);
        spawn.ChangeFolder("/");
        spawn.Open(0, "/dev/null", ReadOnlyFlag);
        spawn.Map(log, 1);
        spawn.Map(log, 2);
        for (int i = 0; i < descriptors.Count; i++)
            spawn.Map(descriptors[i], FirstMapped + i);
        return spawn.Start(executable, arguments, environment);
    }
}
