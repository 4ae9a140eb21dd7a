using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Virt.Tests.Host;

/// <summary>The QEMU of a test host: restored from what tests/host/build-host.sh has saved, on a layer of its own over the disk.</summary>
internal sealed partial class Machine : IAsyncDisposable
{
    private const string Ready = "TEST-HOST READY";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(5);
    private readonly StringBuilder _errors = new();
    private readonly Process _process;
    private Monitor? _monitor;
    private StreamReader? _console;

    private Machine(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
    }

    /// <summary>The port of this machine that leads to its ssh.</summary>
    public int Port { get; private set; }

    /// <summary>Restores it.</summary>
    /// <param name="files">What was built.</param>
    /// <param name="description">QEMU's options, as tests/host/machine.txt has them.</param>
    /// <param name="folder">Takes the disk's layer and the sockets.</param>
    /// <param name="cancel">Stops waiting.</param>
    public static async Task<Machine> RestoreAsync(string files, string description, string folder, CancellationToken cancel)
    {
        string layer = Path.Combine(folder, "disk.qcow2"), monitor = Path.Combine(folder, "monitor"), console = Path.Combine(folder, "console");
        await ToolProcess.RequireAsync("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", Path.Combine(files, "disk.img"), layer);
        using Listener monitors = new(monitor), consoles = new(console);
        // Names within its folder need no quotes.
        var start = new ProcessStartInfo("qemu-system-x86_64") { WorkingDirectory = files, RedirectStandardError = true };
        foreach (string argument in Arguments(await File.ReadAllLinesAsync(description, cancel)).Concat([
            "-blockdev", $"driver=file,node-name=file,filename={layer},cache.no-flush=on", "-blockdev", "driver=qcow2,node-name=disk,file=file",
            "-chardev", $"socket,id=monitor,path={monitor}", "-mon", "chardev=monitor,mode=control",
            "-chardev", $"socket,id=console,path={console}", "-incoming", "defer"]))
        {
            start.ArgumentList.Add(argument);
        }

        var machine = new Machine(start);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(StartLimit);
            await machine.OpenAsync(monitors, consoles, limit.Token);
            return machine;
        }
        catch (Exception failed)
        {
            await machine.DisposeAsync();
            throw new InvalidOperationException($"the test host does not start: {machine._errors}", failed);
        }
    }

    /// <summary>Waits until it has started anew.</summary>
    public async Task BootedAsync(CancellationToken cancel)
    {
        var seen = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(BootLimit);
        try
        {
            while (await _console!.ReadLineAsync(limit.Token) is { } line)
            {
                seen.AppendLine(line);
                if (line.Contains(Ready, StringComparison.Ordinal))
                    return;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Said below, with what was seen.
        }

        throw new InvalidOperationException($"the test host never said '{Ready}':\n{seen}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        if (_monitor is not null)
            await _monitor.DisposeAsync();
        _console?.Dispose();
    }

    private static IEnumerable<string> Arguments(IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith('-')).SelectMany(line => line.Replace("@FILES@", ".", StringComparison.Ordinal).Split(' ', 2));

    private async Task OpenAsync(Listener monitors, Listener consoles, CancellationToken cancel)
    {
        Task ended = _process.WaitForExitAsync(cancel);
        Task<System.Net.Sockets.NetworkStream> connecting = monitors.AcceptAsync(cancel);
        if (await Task.WhenAny(ended, connecting) == ended)
            throw new InvalidOperationException($"QEMU ended with {_process.ExitCode}");
        _monitor = new Monitor(await connecting);
        _console = new StreamReader(await consoles.AcceptAsync(cancel));
        await _monitor.OpenAsync(cancel);
        await _monitor.ExecuteAsync("""{ "execute": "migrate-incoming", "arguments": { "uri": "exec:cat memory" } }""", cancel);
        await _monitor.WaitAsync("RESUME", cancel);
        Port = int.Parse(Forward().Match(await _monitor.AskAsync("info usernet", cancel)).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    // Protocol, descriptor, our address and port.
    [GeneratedRegex(@"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)")]
    private static partial Regex Forward();
}
