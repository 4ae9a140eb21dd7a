using System.Net.Sockets;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>
/// Copies bytes both ways between a daemon's socket and a pair of pipes, without looking at them. It ends when the daemon does, or
/// when the client has: then the daemon gets the end too, and has a while to say the rest.
/// </summary>
internal sealed class ByteProxy(Stream daemon, Stream input, Stream output)
{
    private const int BufferSize = 256 * 1024;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancel)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task down = CopyAsync(daemon, output, end.Token), up = UpAsync(end.Token);
        if (await Task.WhenAny(down, up).ConfigureAwait(false) == up)
            await down.WaitAsync(Linger, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A pipe that nobody writes to cannot be interrupted; the process ends without it.
        await end.CancelAsync().ConfigureAwait(false);
    }

    private async Task UpAsync(CancellationToken cancel)
    {
        await CopyAsync(input, daemon, cancel).ConfigureAwait(false);
        try
        {
            if (daemon is NetworkStream network)
                network.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The daemon was faster.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancel)
    {
        try
        {
            await from.CopyToAsync(to, BufferSize, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // A broken connection is an end like another.
        }
    }
}
