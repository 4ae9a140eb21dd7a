using System.Diagnostics;
using SystemProcess = System.Diagnostics.Process;
using System.Text;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>A QEMU that is asked something and ended; it outlives neither the question nor the daemon, however that ends.</summary>
internal sealed class ProbeProcess : IAsyncDisposable
{
    private const int ErrorCharacters = 4096;
    private readonly SystemProcess _process;
    private readonly StringBuilder _errors = new();
    private readonly Task _readingErrors;
    private readonly object _parent = new();
    private bool _ended;

    private ProbeProcess(SystemProcess process)
    {
        _process = process;
        _readingErrors = ReadErrorsAsync();
    }

    /// <summary>What QEMU is told.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>What QEMU says.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts the emulator.</summary>
    /// <param name="emulator">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="user">Whom it runs as; null for the daemon's own user.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> when it cannot be run.</exception>
    public static Task<ProbeProcess> StartAsync(string emulator, IReadOnlyCollection<string> arguments, QemuUser? user)
    {
        var started = new TaskCompletionSource<ProbeProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        // It dies with the thread that starts it, and those of the pool come and go.
        var parent = new Thread(() => Start(emulator, arguments, user, started), maxStackSize: 256 * 1024) { IsBackground = true, Name = "probe" };
        parent.Start();
        return started.Task;
    }

    /// <summary>Waits until it has ended and returns its exit code; 128 and more is a signal.</summary>
    public async Task<int> WaitAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel).ConfigureAwait(false);
        await _readingErrors.WaitAsync(cancel).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>What it wrote to standard error, without warnings, on one line; empty when nothing.</summary>
    public string Errors()
    {
        lock (_errors)
        {
            IEnumerable<string> lines = _errors.ToString().Split(
                '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(line => !line.Contains("warning:", StringComparison.Ordinal)).Select(WithoutName);
            return string.Join("; ", lines);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // it has ended by itself
        }

        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            await _readingErrors.ConfigureAwait(false);
        }
        finally
        {
            _process.Dispose();
            lock (_parent)
            {
                _ended = true;
                Monitor.Pulse(_parent);
            }
        }
    }

    private static void Start(
        string emulator, IReadOnlyCollection<string> arguments, QemuUser? user, TaskCompletionSource<ProbeProcess> started)
    {
        try
        {
            (string program, IReadOnlyCollection<string> all) = Privileges.Mortal(user, emulator, arguments);
            var start = new ProcessStartInfo(program, all)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            };
            start.Environment["LC_ALL"] = "C";
            var probe = new ProbeProcess(SystemProcess.Start(start)!);
            started.SetResult(probe);
            probe.Remain();
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            started.SetException(new VirtException(
                VirtErrorCode.SystemError, $"the emulator '{emulator}' cannot be run: {failure.Message}", emulator,
                "Check the path and its permissions.", failure));
        }
        catch (Exception failure)
        {
            started.TrySetException(failure);
        }
    }

    private void Remain()
    {
        lock (_parent)
        {
            while (!_ended)
                Monitor.Wait(_parent);
        }
    }

    private static string WithoutName(string line) =>
        line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon && line.StartsWith("qemu", StringComparison.Ordinal)
            ? line[(colon + 2)..]
            : line;

    private async Task ReadErrorsAsync()
    {
        var buffer = new char[512];
        while (await _process.StandardError.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var read)
        {
            lock (_errors)
                _errors.Append(buffer, 0, Math.Min(read, Math.Max(0, ErrorCharacters - _errors.Length)));
        }
    }
}
