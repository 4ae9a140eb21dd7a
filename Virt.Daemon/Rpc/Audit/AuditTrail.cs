using System.Diagnostics;
using System.Globalization;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Daemon.Rpc.Audit;

/// <summary>
/// What goes into the audit log: each call that changes something or was denied, each authentication. Never an argument but the
/// name of the object that a call is about.
/// </summary>
/// <param name="log">Where to; null for nowhere.</param>
internal sealed class AuditTrail(AuditLog? log) : IAsyncDisposable
{
    private readonly Bursts _failures = new(100, TimeSpan.FromMinutes(1));

    /// <summary>No audit log.</summary>
    public static AuditTrail None { get; } = new(null);

    /// <summary>Whether a call is of interest before it is known how it ends.</summary>
    public bool Wants(Access needed) => log is not null && (needed & ~Access.Read) != 0;

    /// <summary>A call has been answered.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="call">The call.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public void Answered(ServerClient client, IncomingCall call, VirtErrorCode? error)
    {
        bool denied = error is not null && !call.IsPermitted;
        if (log is null || call.Procedure is not { } procedure || (!denied && !Wants(call.Needed)))
            return;
        if (denied && !MayWrite(client))
            return;
        Subject? subject = call.Subject;
        log.Write(Of(client, "VIRT_CALL")
            .Add("op", procedure.Name)
            .Add("needs", call.Needed.ToString().Replace(", ", ",", StringComparison.Ordinal))
            .Add("obj", subject?.Kind)
            .AddText("name", subject?.Name)
            .Add("uuid", subject?.Uuid)
            .Add("ms", Stopwatch.GetElapsedTime(call.StartedAt).TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture))
            .Add("res", denied ? "denied" : error is null ? "success" : "failed")
            .Add("err", error));
    }

    /// <summary>Somebody authenticated, or failed to.</summary>
    /// <param name="client">Who.</param>
    /// <param name="user">The name that was given; null when none was.</param>
    /// <param name="failure">Why it failed; null when it did not.</param>
    public void Authenticated(ServerClient client, string? user, string? failure)
    {
        if (log is null || (failure is not null && !MayWrite(client)))
            return;
        log.Write(Of(client, "VIRT_AUTH")
            .Add("op", "Authenticate").AddText("acct", user).Add("res", failure is null ? "success" : "failed").AddText("reason", failure));
    }

    /// <summary>A program was run to ask it what it can do: for the client whose call needs it, or for the daemon itself.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="user">Whom it ran as; null for the daemon's own user.</param>
    /// <param name="time">How long it took.</param>
    /// <param name="failure">Why it failed; null when it did not.</param>
    public void Probed(string program, string? user, TimeSpan time, string? failure)
    {
        if (log is null)
            return;
        AuditLine line = CallContext.Current is { Client: { } client } call ? Of(client, "VIRT_PROBE").Add("op", call.Procedure) : log.Begin("VIRT_PROBE");
        log.Write(line.AddText("exe", program).AddText("as", user)
            .Add("ms", time.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture))
            .Add("res", failure is null ? "success" : "failed").AddText("reason", failure));
    }

    /// <summary>The daemon starts or stops.</summary>
    public void Daemon(string operation) => log?.Write(log.Begin("VIRT_DAEMON").Add("op", operation).Add("pid", Environment.ProcessId).Add("res", "success"));

    /// <summary>Writes what is queued.</summary>
    public ValueTask DisposeAsync()
    {
        if (log is null)
            return ValueTask.CompletedTask;
        foreach ((string who, long count) in _failures.TakeSuppressed())
            Suppressed(who, count);
        return log.DisposeAsync();
    }

    private AuditLine Of(ServerClient client, string type) => log!.Begin(type)
        .Add("client", client.Id)
        .Add("transport", client.Peer.Transport)
        .AddText("peer", client.Peer.Description)
        .Add("auth", client.Session.Identity?.Kind)
        .AddText("id", client.Session.Identity?.Name)
        .AddText("uri", client.Session.OpenUri);

    /// <summary>
    /// Whoever is denied could fill the disk with it; beyond some lines a minute they are only counted. Each user has a count of its own,
    /// so that one's noise does not hide another's denials.
    /// </summary>
    private bool MayWrite(ServerClient client)
    {
        string who = client.Session.Identity?.Name ?? client.Peer.Who;
        bool may = _failures.TryTake(who, out long suppressed);
        if (suppressed > 0)
            Suppressed(who, suppressed);
        return may;
    }

    private void Suppressed(string who, long count) => log!.Write(log.Begin("VIRT_SUPPRESSED").AddText("id", who).Add("count", count));
}
