using System.ComponentModel;
using System.Diagnostics;
using Virt.Errors;

namespace Virt.Remote.Transports.Processes;

/// <summary>A child as .NET starts it on every platform, with pipes.</summary>
internal sealed class PortableChildProcess : ChildProcess
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private PortableChildProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Input = process.StandardInput.BaseStream;
        Output = process.StandardOutput.BaseStream;
        Error = process.StandardError.BaseStream;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        _ = WatchAsync();
    }

    public override int Id { get; }

    public override Stream Output { get; }

    public override Stream Input { get; }

    public override Stream Error { get; }

    public override bool HearsOnError => false;

    public override Task<int> Exited => _exited.Task;

    public static new PortableChildProcess Start(
        string executable, IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> variables)
    {
        ProcessStartInfo start = new(executable, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        if (OperatingSystem.IsWindows())
            start.CreateNewProcessGroup = true;
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        try
        {
            return new PortableChildProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"cannot run '{executable}': {e.Message}", executable,
                "Check that it is an executable file for this machine.", e);
        }
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _ = EndAsync();
    }

    /// <summary>A pipe's reader only lets go when the child has, so the end of its input comes first.</summary>
    private async Task EndAsync()
    {
        try
        {
            await Input.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The child does not read any more.
        }

        try
        {
            await _exited.Task.WaitAsync(Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill();
            await _exited.Task.ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        _exited.TrySetResult(_process.ExitCode);
    }

    private void OnProcessExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }
}
