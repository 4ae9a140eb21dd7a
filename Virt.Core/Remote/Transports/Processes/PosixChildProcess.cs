using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Virt.Native;

namespace Virt.Remote.Transports.Processes;

/// <summary>
/// A child whose standard streams are sockets, which wait without a thread each. It leads a session of its own: Ctrl+C at the
/// terminal is for this process alone, and the child cannot ask at the terminal past PowerShell.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class PosixChildProcess : ChildProcess
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private const int NoHang = 1;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _reaper;
    private readonly NetworkStream _duplex;
    private readonly NetworkStream _error;
    private int _id;
    private int _processId;
    private int _disposed;

    private PosixChildProcess(Socket duplex, Socket error)
    {
        _duplex = new NetworkStream(duplex, ownsSocket: true);
        _error = new NetworkStream(error, ownsSocket: true);
        // Before the child is there, so that its end cannot be missed.
        _reaper = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Reap());
    }

    public override int Id => _id;

    public override Stream Output => _duplex;

    public override Stream Input => _duplex;

    public override Stream Error => _error;

    public override bool HearsOnError => true;

    public override Task<int> Exited => _exited.Task;

    public static new PosixChildProcess Start(
        string executable, IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> variables)
    {
        (Socket duplex, SafeFileHandle duplexEnd) = SocketPair.Create();
        (Socket error, SafeFileHandle errorEnd) = SocketPair.Create();
        using (duplexEnd)
        using (errorEnd)
        {
            PosixChildProcess child = new(duplex, error);
            try
            {
                using PosixSpawn spawn = new(targets: 3);
                spawn.Map(duplexEnd, 0);
                spawn.Map(duplexEnd, 1);
                spawn.Map(errorEnd, 2);
                child.Run(spawn, executable, arguments, [.. EnvironmentWith(variables)]);
                return child;
            }
            catch
            {
                child._exited.TrySetResult(-1);
                child._reaper.Dispose();
                child.Dispose();
                throw;
            }
        }
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _duplex.Dispose();
        _error.Dispose();
        Signal(SignalTerminate);
        _ = EndAsync();
    }

    private static IEnumerable<string> EnvironmentWith(IReadOnlyList<(string Name, string Value)> variables)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!variables.Any(added => added.Name == name))
                yield return $"{name}={variable.Value}";
        }

        foreach ((string name, string value) in variables)
            yield return $"{name}={value}";
    }

    private void Run(PosixSpawn spawn, string executable, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        lock (_gate)
            _id = _processId = spawn.Start(executable, arguments, environment);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        Reap();
    }

    private async Task EndAsync()
    {
        try
        {
            await _exited.Task.WaitAsync(Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Signal(SignalKill);
        }
    }

    private void OnProcessExit(object? sender, EventArgs e) => Signal(SignalKill);

    private void Signal(int signal)
    {
        // As long as it is not reaped, its number means nobody else. The group has what it has started itself.
        lock (_gate)
        {
            if (_processId > 0)
                _ = Kill(-_processId, signal);
        }
    }

    private void Reap()
    {
        lock (_gate)
        {
            if (_processId <= 0 || WaitForProcess(_processId, out int status, NoHang) == 0)
                return;
            _processId = 0;
            AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
            int signal = status & 0x7f;
            _exited.TrySetResult(signal == 0 ? (status >> 8) & 0xff : 128 + signal);
        }

        _reaper.Dispose();
    }

    [LibraryImport(LibC.Name, EntryPoint = "waitpid")]
    private static partial int WaitForProcess(int processId, out int status, int options);

    [LibraryImport(LibC.Name, EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
