using Microsoft.Extensions.Logging;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>One connected peer: its life, from the first frame to the last thing it held.</summary>
internal sealed class ServerClient : IFrameHandler
{
    private readonly Server _server;
    private readonly ILogger _logger;
    private readonly CallDispatcher _dispatcher;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _closeAfterAnswer;

    /// <summary>Takes a connected transport over.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="server">The server it came to.</param>
    /// <param name="peer">Who is there.</param>
    /// <param name="stream">The transport.</param>
    /// <param name="refusal">What its first call is answered with before it is cut off; null for a welcome client.</param>
    public ServerClient(long id, Server server, Peer peer, Stream stream, VirtException? refusal)
    {
        Id = id;
        Peer = peer;
        IsRefused = refusal is not null;
        _server = server;
        _logger = server.Logger;
        _closeAfterAnswer = refusal is null ? null : $"refused: {refusal.Message}";
        Calls = new ClientCalls(server.Limits.SubscriptionsPerClient);
        Streams = new ClientStreams(server.Limits.StreamsPerClient);
        _dispatcher = new CallDispatcher(this, server, refusal);
        Session = new Session(this, server);
        Connection = new RpcConnection(stream, this, server.ConnectionOptions);
    }

    public long Id { get; }

    public Peer Peer { get; }

    public Session Session { get; }

    public RpcConnection Connection { get; }

    public ClientCalls Calls { get; }

    public ClientStreams Streams { get; }

    public ILogger Logger => _logger;

    /// <summary>Takes what is usual about it: that it came, opened, authenticated and went.</summary>
    public required ILogger Comings { get; init; }

    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.UtcNow;

    public bool IsRefused { get; }

    /// <summary>Completes when nothing of this client is left.</summary>
    public Task Gone => _gone.Task;

    public int CallsInFlight => Calls.InFlight;

    public void Start()
    {
        if (Session.IsAuthenticated)
            Connection.AcceptLargeFrames();
        if (IsRefused || !Session.IsAuthenticated)
            _ = LimitAuthenticationTimeAsync();
        Connection.Start();
    }

    /// <summary>Lets the calls in flight end, takes no more, and ends the connection.</summary>
    public async Task DrainAsync(string reason, CancellationToken giveUp)
    {
        await Calls.DrainAsync().WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Connection.CloseAsync(reason, _server.Linger).ConfigureAwait(false);
        await Gone.WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    void IFrameHandler.OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        switch (header.Type)
        {
            case FrameType.Call:
                _dispatcher.Dispatch(header, body);
                break;
            case FrameType.Cancel:
                OnCancel(header.Serial);
                break;
            case FrameType.Stream:
                Streams.OnFrame(header, body);
                break;
            default:
                throw new InvalidDataException($"a daemon takes no frame of type {header.Type}");
        }
    }

    void IFrameHandler.OnClosed(string reason)
    {
        RpcLog.Disconnected(Comings, Id, reason);
        _ = CleanUpAsync();
    }

    /// <summary>Sends an event; what fails is logged, as the driver that has the event can do nothing about it.</summary>
    public void SendEvent<TEvent>(in FrameHeader header, TEvent value, WireWriter<TEvent> write)
    {
        try
        {
            Connection.Send(header, value, write);
        }
        catch (Exception e)
        {
            if (Connection.CloseReason is null)
                RpcLog.EventFailed(_logger, Id, e);
        }
    }

    /// <summary>Whether the audit log wants to know of calls that need this access.</summary>
    public bool Audits(Access needed) => _server.Audit.Wants(needed);

    /// <summary>Ends the connection once the failure that is about to be answered has been sent.</summary>
    public void CloseAfterAnswer(string reason) => _closeAfterAnswer = reason;

    /// <summary>A failure has been answered; if it was to be the last answer, the connection ends.</summary>
    public void AfterFailure()
    {
        if (_closeAfterAnswer is { } reason)
            _ = Connection.CloseAsync(reason, _server.Linger).AsTask();
    }

    /// <summary>Disposes a subscription in the background.</summary>
    public void DisposeLater(IAsyncDisposable subscription) => _ = DisposeAsync(subscription);

    private void OnCancel(int serial)
    {
        (IncomingCall? call, IncomingCall? subscription) = Calls.GiveUp(serial);
        _ = call?.CancelAsync();
        Streams.GiveUp(serial);
        if (subscription is not null)
            EndSubscription(subscription);
    }

    private Task EndSubscription(IncomingCall call)
    {
        call.End();
        return DisposeAsync(call.Subscription!);
    }

    private async Task DisposeAsync(IAsyncDisposable subscription)
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await subscription.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RpcLog.CleanUpFailed(_logger, Id, "a subscription", e);
        }
    }

    private async Task LimitAuthenticationTimeAsync()
    {
        TimeSpan limit = _server.Limits.AuthenticationTime;
        Task settled = IsRefused ? Gone : Task.WhenAny(Session.Authenticated, Gone);
        await settled.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!settled.IsCompleted)
            Connection.Abort(FormattableString.Invariant($"not authenticated within {limit.TotalSeconds:0.###} s"));
    }

    /// <summary>Gives everything back that the client held, after its calls have ended.</summary>
    private async Task CleanUpAsync()
    {
        (IncomingCall[] calls, IncomingCall[] subscriptions, Task idle) = Calls.Close();
        await Task.WhenAll(calls.Select(call => call.CancelAsync())).ConfigureAwait(false);
        await Task.WhenAll(subscriptions.Select(EndSubscription)).ConfigureAwait(false);
        await Streams.CloseAsync().ConfigureAwait(false);
        await idle.ConfigureAwait(false);
        try
        {
            await Session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RpcLog.CleanUpFailed(_logger, Id, "the session", e);
        }

        _server.Remove(this);
        _gone.TrySetResult();
    }
}
