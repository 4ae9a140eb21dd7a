using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Check;

/// <summary>A daemon of our own on a private root, for the time of a walk; ready when its sd_notify says so.</summary>
internal sealed class DaemonChild : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Task<string> _log;

    private DaemonChild(Process process)
    {
        _process = process;
        _log = process.StandardError.ReadToEndAsync();
    }

    public static async Task<DaemonChild> StartAsync(string root, CancellationToken cancel)
    {
        string notify = Path.Combine(root, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(notify));
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "virtd.dll"));
        start.ArgumentList.Add("--root");
        start.ArgumentList.Add(root);
        start.Environment["NOTIFY_SOCKET"] = notify;

        var child = new DaemonChild(Process.Start(start)!);
        try
        {
            await child.ReadyAsync(socket, cancel).ConfigureAwait(false);
            return child;
        }
        catch
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Posix.Terminate(_process.Id);
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private async Task ReadyAsync(Socket socket, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        var buffer = new byte[4096];
        Task exited = _process.WaitForExitAsync(limit.Token);
        while (true)
        {
            Task<int> received = socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask();
            if (await Task.WhenAny(received, exited).ConfigureAwait(false) == exited)
            {
                cancel.ThrowIfCancellationRequested();
                if (!exited.IsCompletedSuccessfully)
                    throw new VirtException(VirtErrorCode.OperationTimeout, $"virtd was not ready in {Patience.TotalSeconds} s");
                throw new VirtException(
                    VirtErrorCode.SystemError, $"virtd ended with {_process.ExitCode}: {(await _log.ConfigureAwait(false)).Trim()}");
            }

            if (Encoding.UTF8.GetString(buffer, 0, await received.ConfigureAwait(false)).Contains("READY=1", StringComparison.Ordinal))
                return;
        }
    }
}
