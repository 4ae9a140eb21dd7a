using Virt.Rpc;

namespace Virt.Remote;

/// <summary>The daemon about itself.</summary>
[RpcContract(RemoteProgram.Admin, RemoteProgram.AdminVersion)]
public interface IAdmin
{
    /// <summary>What the daemon is and does.</summary>
    [Procedure(1, Access.Admin)]
    ValueTask<DaemonRecord> GetDaemonAsync(CancellationToken cancel);

    /// <summary>The clients that are connected now.</summary>
    [Procedure(2, Access.Admin)]
    ValueTask<IReadOnlyList<ClientRecord>> ListClientsAsync(CancellationToken cancel);
}

/// <summary>A running daemon.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ProcessId">Its process id.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Clients">Clients now.</param>
/// <param name="MaximumClients">The limit on clients.</param>
/// <param name="CallsServed">Calls answered since start.</param>
[Wire]
public sealed record DaemonRecord(
    string Version, int ProcessId, DateTimeOffset StartedAt, int Clients, int MaximumClients, long CallsServed);

/// <summary>A connected client.</summary>
/// <param name="Id">Its number, growing.</param>
/// <param name="Transport">As <c>unix</c> or <c>tcp</c>.</param>
/// <param name="Peer">Where it comes from: <c>pid 12 uid 0</c>, or an address.</param>
/// <param name="User">Who it authenticated as, or null before that.</param>
/// <param name="ReadOnly">Whether it may only read.</param>
/// <param name="ConnectedAt">Since when.</param>
/// <param name="CallsInFlight">Its calls not yet answered.</param>
[Wire]
public sealed record ClientRecord(
    long Id, string Transport, string Peer, string? User, bool ReadOnly, DateTimeOffset ConnectedAt, int CallsInFlight);
