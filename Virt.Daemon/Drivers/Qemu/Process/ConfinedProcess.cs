using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Native;
using Virt.Remote.Transports.Processes;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// A process behind the walls of a <see cref="Confinement"/>: it is asked something and ended. It outlives neither the question nor the
/// daemon, however that ends, and nothing that it has started does. Few run at a time, whoever wants them.
/// </summary>
internal sealed partial class ConfinedProcess : IAsyncDisposable
{
    private const int AtOnce = 4;
    private const int FirstDescriptor = 3;
    private const int MaximumErrors = 4096;
    private const int SignalKill = 9;
    private const int IdTypePid = 1;
    private const int WaitExited = 4;
    private const int WaitNoReap = 0x1000000;
    private const int SignalInfoSize = 128;
    private const int CodeOffset = 8;
    private const int StatusOffset = 24;
    private const int CodeExited = 1;

    private static readonly SemaphoreSlim Room = new(AtOnce);
    private static readonly string[] Environment = ["LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _words = new();
    private readonly Socket _errors;
    private Task _listening = Task.CompletedTask;
    private int _pid;

    private ConfinedProcess(Socket dialogue, Socket errors) => (Dialogue, _errors) = (dialogue, errors);

    /// <summary>Its standard input and output.</summary>
    public Socket Dialogue { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="walls">What it may.</param>
    /// <param name="executable">Its path, which virtd has chosen.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="descriptors">What it inherits, from 3 on; they stay the caller's.</param>
    /// <param name="cancel">Ends the wait for room.</param>
    /// <exception cref="Errors.VirtException"><see cref="Errors.VirtErrorCode.SystemError"/> when it cannot be run.</exception>
    public static async Task<ConfinedProcess> StartAsync(
        Confinement walls, string executable, IReadOnlyCollection<string> arguments, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancel)
    {
        await Room.WaitAsync(cancel).ConfigureAwait(false);
        var started = new TaskCompletionSource<ConfinedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        // It dies with the thread that starts it, and those of the pool come and go.
        var parent = new Thread(
            () =>
            {
                try
                {
                    Run(walls, executable, arguments, descriptors, started);
                }
                catch (Exception failed)
                {
                    started.TrySetException(failed);
                }
                finally
                {
                    Room.Release();
                }
            },
            maxStackSize: 256 * 1024)
        { IsBackground = true, Name = "confined process" };
        parent.Start();
        return await started.Task.ConfigureAwait(false);
    }

    /// <summary>Waits until it has ended and returns its exit code; 128 and more is a signal.</summary>
    public async Task<int> WaitAsync(CancellationToken cancel)
    {
        int code = await _exited.Task.WaitAsync(cancel).ConfigureAwait(false);
        await _listening.WaitAsync(cancel).ConfigureAwait(false);
        return code;
    }

    /// <summary>What it wrote to standard error, without a QEMU's warnings, on one line; empty when nothing.</summary>
    public string Words()
    {
        lock (_words)
        {
            IEnumerable<string> lines = _words.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(line => !line.Contains("warning:", StringComparison.Ordinal)).Select(WithoutName);
            return string.Join("; ", lines);
        }
    }

    /// <summary>Ends it, with all that it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_pid > 0)
                _ = Kill(-_pid, SignalKill);
        }

        await _exited.Task.ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        Dialogue.Dispose();
        _errors.Dispose();
    }

    private static void Run(
        Confinement walls, string executable, IReadOnlyCollection<string> arguments, IReadOnlyList<SafeHandle> descriptors,
        TaskCompletionSource<ConfinedProcess> started)
    {
        (string program, IReadOnlyList<string> all) = walls.Around(executable, arguments);
        (Socket dialogue, SafeFileHandle dialogueEnd) = SocketPair.Create();
        (Socket errors, SafeFileHandle errorsEnd) = SocketPair.Create();
        var process = new ConfinedProcess(dialogue, errors);
        using (dialogueEnd)
        using (errorsEnd)
        using (var spawn = new PosixSpawn(FirstDescriptor + descriptors.Count))
        {
            try
            {
                spawn.ChangeFolder("/");
                spawn.Map(dialogueEnd, 0);
                spawn.Map(dialogueEnd, 1);
                spawn.Map(errorsEnd, 2);
                for (int i = 0; i < descriptors.Count; i++)
                    spawn.Map(descriptors[i], FirstDescriptor + i);
                process._pid = spawn.Start(program, all, Environment);
            }
            catch
            {
                dialogue.Dispose();
                errors.Dispose();
                throw;
            }
        }

        process._listening = process.ListenAsync();
        started.SetResult(process);
        process._exited.SetResult(process.Await(process._pid));
    }

    // It leads a group of its own. The number of the group is nobody else's until its first process is reaped, so what is left is ended
    // before that.
    private unsafe int Await(int pid)
    {
        byte* info = stackalloc byte[SignalInfoSize];
        new Span<byte>(info, SignalInfoSize).Clear();
        _ = WaitId(IdTypePid, pid, info, WaitExited | WaitNoReap);
        lock (_gate)
        {
            _ = Kill(-pid, SignalKill);
            _ = WaitId(IdTypePid, pid, info, WaitExited);
            _pid = 0;
        }

        int status = *(int*)(info + StatusOffset);
        return *(int*)(info + CodeOffset) == CodeExited ? status : 128 + status;
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (await _errors.ReceiveAsync(buffer).ConfigureAwait(false) is > 0 and var read)
            {
                lock (_words)
                    _words.Append(Encoding.UTF8.GetString(buffer, 0, Math.Min(read, Math.Max(0, MaximumErrors - _words.Length))));
            }
        }
        catch (SocketException)
        {
            // The other end is gone: there is no more to hear.
        }
    }

    private static string WithoutName(string line) =>
        line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon && line.StartsWith("qemu", StringComparison.Ordinal)
            ? line[(colon + 2)..]
            : line;

    [LibraryImport(LibC.Name, EntryPoint = "waitid")]
    private static unsafe partial int WaitId(int idType, int id, byte* info, int options);

    [LibraryImport(LibC.Name, EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
