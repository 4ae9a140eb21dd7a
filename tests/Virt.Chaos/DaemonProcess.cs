using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Virt.Connections;

namespace Virt.Chaos;

/// <summary>The virtd that is killed and started again, on a folder of its own.</summary>
internal sealed class DaemonProcess(string executable, string root) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly StringBuilder _log = new();
    private Process? _process;

    /// <summary>The process id of the one that runs.</summary>
    public int Pid => _process!.Id;

    /// <summary>What all of them have logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts one and waits until it says that it is ready.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        string notify = Path.Combine(root, "notify");
        File.Delete(notify);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(notify));
        var start = new ProcessStartInfo(executable, ["--root", root]) { RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = notify;
        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        byte[] message = new byte[1024];
        Task exited = _process.WaitForExitAsync(limit.Token);
        Task<int> ready = socket.ReceiveAsync(message, SocketFlags.None, limit.Token).AsTask();
        if (await Task.WhenAny(exited, ready).ConfigureAwait(false) == exited)
            throw new InvalidOperationException($"virtd did not get ready:\n{Log}");
        await ready.ConfigureAwait(false);
    }

    /// <summary>A connection of its own.</summary>
    public ValueTask<VirtConnection> ConnectAsync(CancellationToken cancel) =>
        VirtConnection.OpenAsync($"qemu+unix:///system?socket={root}/run/virt/virtd.sock", OpenOptions.None, cancel: cancel);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (Process terminate = Process.Start("kill", ["-TERM", $"{_process!.Id}"]))
            await terminate.WaitForExitAsync().ConfigureAwait(false);
        await _process.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync().ConfigureAwait(false);
        _process?.Dispose();
    }
}
