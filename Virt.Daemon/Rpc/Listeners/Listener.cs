using System.Net.Sockets;
using Virt.Rpc.Sockets;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>A socket that clients come by. It is bound when it is made, and accepts when it is started.</summary>
internal abstract class Listener(Socket socket) : IAsyncDisposable
{
    protected const int Backlog = 512;

    /// <summary>Out of descriptors, say: the next try would fail at once, so it comes a little later.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Where it listens, for logs.</summary>
    public abstract string Description { get; }

    protected Socket Socket => socket;

    /// <summary>Begins to accept for a server.</summary>
    public void Start(Server server) => _accepting = AcceptAsync(server);

    /// <summary>Accepts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        socket.Dispose();
        _stop.Dispose();
        Release();
    }

    /// <summary>Says who has connected, before anything is read.</summary>
    protected abstract Peer Describe(Socket accepted);

    /// <summary>Ends when no accepted socket is on its way to the server any more; they have been told to stop.</summary>
    protected virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>Hands an accepted socket on to the server. It must not wait for the peer.</summary>
    protected virtual void Receive(Server server, Socket accepted, CancellationToken stop) =>
        server.Attach(SocketStreams.Over(accepted), Describe(accepted));

    /// <summary>Gives back what belongs to the socket.</summary>
    protected virtual void Release()
    {
    }

    private async Task AcceptAsync(Server server)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket? accepted = null;
            try
            {
                accepted = await socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
                Receive(server, accepted, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                accepted?.Dispose();
                RpcLog.AcceptFailed(server.Logger, Description, e);
                await Task.Delay(PauseAfterFailure, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
