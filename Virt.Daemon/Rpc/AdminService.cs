using Virt.Remote;

namespace Virt.Daemon.Rpc;

/// <summary>The admin program: the daemon about itself.</summary>
internal sealed class AdminService(Daemon daemon) : IAdmin
{
    public ValueTask<DaemonRecord> GetDaemonAsync(CancellationToken cancel) => ValueTask.FromResult(new DaemonRecord(
        Daemon.Version, Environment.ProcessId, daemon.StartedAt, daemon.Servers.Sum(server => server.Clients.Count),
        daemon.Servers.Sum(server => server.Limits.Clients), daemon.CallsServed));

    public ValueTask<IReadOnlyList<ClientRecord>> ListClientsAsync(CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<ClientRecord>>(
        [
            .. daemon.Servers.SelectMany(server => server.Clients).OrderBy(client => client.Id).Select(client => new ClientRecord(
                client.Id, client.Peer.Transport, client.Peer.Description, client.Session.Identity?.Name, client.Session.IsReadOnly,
                client.ConnectedAt, client.CallsInFlight)),
        ]);
}
