using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Authentication;

namespace Virt.Daemon.Rpc.Authentication;

/// <summary>Authenticates one client: one exchange at a time, few tries, and each failure answered late.</summary>
internal sealed class SessionAuthentication(ServerClient client, Server server)
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ScramServer? _exchange;
    private string? _user;
    private int _busy;
    private int _failures;

    /// <summary>The ways to authenticate, best first.</summary>
    public static IReadOnlyList<string> Mechanisms { get; } = [ScramKeys.Mechanism];

    public bool IsComplete => _completed.Task.IsCompleted;

    public Task Completed => _completed.Task;

    /// <summary>Who the client is, once it has authenticated.</summary>
    public ClientIdentity? Identity { get; private set; }

    public ValueTask<AuthenticationStep> StartAsync(string mechanism, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        if (!Mechanisms.Contains(mechanism, StringComparer.Ordinal))
        {
            throw VirtException.Create(
                VirtErrorCode.AuthenticationFailed,
                $"the authentication '{mechanism}' is not offered; this daemon has {string.Join(", ", Mechanisms)}", mechanism,
                "Use a mechanism that ListAuthentication lists.");
        }

        return ExclusiveAsync(async () =>
        {
            CheckAttempts(user: null);
            _exchange = new ScramServer(server.Users);
            byte[] challenge = await _exchange.ChallengeAsync(data, cancel).ConfigureAwait(false);
            CheckAttempts(_exchange.User);
            return new(false, challenge);
        });
    }

    public ValueTask<AuthenticationStep> StepAsync(ReadOnlyMemory<byte> data, CancellationToken cancel) => ExclusiveAsync(() =>
    {
        ScramServer exchange = Interlocked.Exchange(ref _exchange, null) ?? throw VirtException.Create(
            VirtErrorCode.OperationInvalid, "no authentication has been started", recommendedAction: "Call StartAuthentication first.");
        _user = exchange.User;
        CheckAttempts(_user);
        byte[] proof = exchange.Finish(data.Span);
        Admit(new PasswordIdentity(exchange.User));
        client.Connection.AcceptLargeFrames();
        _completed.TrySetResult();
        RpcLog.Authenticated(client.Comings, client.Id, exchange.User);
        server.Audit.Authenticated(client, exchange.User, failure: null);
        return Task.FromResult(new AuthenticationStep(true, proof));
    });

    private async ValueTask<AuthenticationStep> ExclusiveAsync(Func<Task<AuthenticationStep>> step)
    {
        if (IsComplete)
            throw VirtException.Create(VirtErrorCode.OperationInvalid, "this connection is authenticated already");
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, "an authentication step is under way", recommendedAction: "Wait for its answer.");
        }

        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (ScramException e)
        {
            string? user = Interlocked.Exchange(ref _exchange, null)?.User ?? _user;
            throw await FailAsync(e, user is { Length: > 0 } ? user : null).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Other connections from there may have used up the tries meanwhile.</summary>
    private void CheckAttempts(string? user)
    {
        if (server.Attempts.Refusal(client.Peer.AttemptsOf(user)) is not { } refusal)
            return;
        client.CloseAfterAnswer($"refused: {refusal.Message}");
        throw refusal;
    }

    private void Admit(PasswordIdentity identity)
    {
        try
        {
            server.CheckUser(client, identity);
            Identity = identity;
        }
        catch (VirtException refusal)
        {
            client.CloseAfterAnswer($"refused: {refusal.Message}");
            throw;
        }
    }

    /// <summary>The reason stays in the log; the client learns only that it failed, and not at once.</summary>
    private async Task<VirtException> FailAsync(ScramException failure, string? user)
    {
        RpcLog.AuthenticationFailed(client.Comings, client.Id, client.Peer.Description, failure.Message);
        server.Audit.Authenticated(client, user, failure.Message);
        server.Attempts.Failed(client.Peer.AttemptsOf(user));
        await Task.WhenAny(Task.Delay(server.Limits.AuthenticationDelay), client.Gone).ConfigureAwait(false);
        if (++_failures >= server.Limits.AuthenticationTries)
            client.CloseAfterAnswer($"{_failures} failed tries to authenticate");
        return VirtException.Create(
            VirtErrorCode.AuthenticationFailed, "the user name or the password is wrong",
            recommendedAction: "Check both; `virtd user list` at the daemon shows who may connect.");
    }
}
