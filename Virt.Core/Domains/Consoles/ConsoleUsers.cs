using Virt.Errors;
using Virt.Streams;

namespace Virt.Domains;

/// <summary>Who uses the consoles of one run of a domain: each has one user at a time. Safe from any thread.</summary>
internal sealed class ConsoleUsers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ConsoleSession> _sessions = new(StringComparer.Ordinal);
    private bool _ended;

    /// <summary>Opens a console for a user.</summary>
    /// <param name="domain">The domain's name.</param>
    /// <param name="console">The console's alias.</param>
    /// <param name="force">Whether its user, if any, is disconnected.</param>
    /// <param name="open">Opens what the user is to read and write.</param>
    /// <param name="cancel">Ends the opening.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when it is in use.</exception>
    public async ValueTask<VirtStream> OpenAsync(
        string domain, string console, bool force, Func<CancellationToken, ValueTask<VirtStream>> open, CancellationToken cancel)
    {
        var session = new ConsoleSession(user => Leave(console, user));
        Enter(domain, console, session, force)?.Fail(VirtException.Create(
            VirtErrorCode.OperationAborted, $"another user has taken the console '{console}' of domain '{domain}' over", console,
            "Open it again; with Force, when it is in use."));
        try
        {
            session.Begin(await open(cancel).ConfigureAwait(false));
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The domain is off: all who read reach the end.</summary>
    public void End()
    {
        ConsoleSession[] sessions;
        lock (_gate)
        {
            _ended = true;
            sessions = [.. _sessions.Values];
            _sessions.Clear();
        }

        foreach (ConsoleSession session in sessions)
            session.Fail(null);
    }

    private ConsoleSession? Enter(string domain, string console, ConsoleSession session, bool force)
    {
        lock (_gate)
        {
            if (_ended)
                throw VirtException.Create(VirtErrorCode.OperationInvalid, $"the domain '{domain}' is not active", domain, "Start it first.");
            if (_sessions.TryGetValue(console, out ConsoleSession? other) && !force)
            {
                throw VirtException.Create(
                    VirtErrorCode.OperationFailed, $"the console '{console}' of domain '{domain}' is in use", console,
                    "Wait until it is free, or open it with Force, which disconnects its user.");
            }

            _sessions[console] = session;
            return other;
        }
    }

    private void Leave(string console, ConsoleSession session)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(console, out ConsoleSession? user) && user == session)
                _sessions.Remove(console);
        }
    }
}
