using Virt.Daemon.Drivers.Qemu.Process.Native;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>The process of a guest. Disposing lets go of it; it runs on.</summary>
internal sealed class QemuProcess(ProcessIdentity identity, PidFd handle, Task<ProcessExit> exited) : IDisposable
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    /// <summary>Which process it is.</summary>
    public ProcessIdentity Identity => identity;

    /// <summary>Its pid.</summary>
    public int Pid => identity.Pid;

    /// <summary>Completes when it ends.</summary>
    public Task<ProcessExit> Exited => exited;

    /// <summary>Asks it to end (SIGTERM); QEMU flushes its disks and goes.</summary>
    public void Terminate() => Signal(SignalTerminate);

    /// <summary>Ends it (SIGKILL).</summary>
    public void Kill() => Signal(SignalKill);

    /// <summary>Whom it runs as; null when it is gone.</summary>
    public uint? ReadUser() => FileStatus.TryRead($"/proc/{Pid}")?.User;

    /// <summary>Its times and memory; null when it is gone.</summary>
    public ProcessTimes? ReadTimes() => ProcessTimes.TryRead($"/proc/{Pid}/stat");

    /// <summary>The times of one of its threads; null when it is gone.</summary>
    public ProcessTimes? ReadThreadTimes(int thread) => ProcessTimes.TryRead($"/proc/{Pid}/task/{thread}/stat");

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private void Signal(int signal)
    {
        try
        {
            handle.Signal(signal);
        }
        catch (ObjectDisposedException)
        {
            // It has ended and been let go of: nobody is left to be signalled.
        }
    }
}
