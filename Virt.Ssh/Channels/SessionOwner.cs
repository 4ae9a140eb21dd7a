using Renci.SshNet;

namespace Virt.Ssh.Channels;

/// <summary>
/// A connected client, and how it ends: in order if that goes quickly, else by closing the socket. SSH.NET's own way waits for
/// the socket to take its last words, which one whose far side is gone never does.
/// </summary>
internal sealed class SessionOwner(SshClient client) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    /// <summary>The session.</summary>
    public Session Session { get; } = SessionAccess.Of(client);

    /// <summary>Completes when nothing of it is left.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Begins to end it; nobody waits.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _ = EndAsync();
    }

    private async Task EndAsync()
    {
        Task ending = Task.Run(client.Dispose);
        await ending.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ending.IsCompleted)
            SessionAccess.Abort(Session);
        await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gone.TrySetResult();
    }
}
