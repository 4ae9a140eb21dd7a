using Virt.Errors;

namespace Virt.Daemon.Rpc;

/// <summary>Decides whether a peer that has connected is taken in.</summary>
internal sealed class ClientAdmission(ServerLimits limits, AuthenticationAttempts attempts)
{
    private readonly Dictionary<string, int> _handshakes = new(StringComparer.Ordinal);

    /// <summary>Whether one more peer may begin a handshake by which its transport finds out who it is.</summary>
    public HandshakeRoom RoomFor(IEnumerable<ServerClient> clients, Peer peer)
    {
        int all = _handshakes.Values.Sum(), same = _handshakes.GetValueOrDefault(KeyOf(peer));
        foreach (ServerClient client in clients.Where(client => !client.IsRefused && !client.Session.IsAuthenticated))
        {
            all++;
            same += KeyOf(client.Peer) == KeyOf(peer) ? 1 : 0;
        }

        return same >= limits.UnauthenticatedClientsPerAddress ? HandshakeRoom.AddressFull
            : all >= limits.UnauthenticatedClients ? HandshakeRoom.Full
            : HandshakeRoom.Free;
    }

    /// <summary>Counts a peer as unauthenticated while its transport finds out who it is.</summary>
    public void BeginHandshake(Peer peer) => _handshakes[KeyOf(peer)] = _handshakes.GetValueOrDefault(KeyOf(peer)) + 1;

    /// <summary>The transport knows who the peer is, or has given up.</summary>
    public void EndHandshake(Peer peer)
    {
        if (--_handshakes[KeyOf(peer)] == 0)
            _handshakes.Remove(KeyOf(peer));
    }

    /// <summary>Why a peer is not taken in; null when it is welcome.</summary>
    /// <param name="clients">The clients now.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="refused">How many of the clients wait to be told that they are refused.</param>
    public VirtException? Judge(IEnumerable<ServerClient> clients, Peer peer, out int refused)
    {
        int welcome = 0, unauthenticated = _handshakes.Values.Sum(), sameUser = 0, sameReader = 0, sameAddress = 0;
        int sameUnauthenticated = peer.Address is null ? 0 : _handshakes.GetValueOrDefault(peer.Address);
        refused = 0;
        foreach (ServerClient client in clients)
        {
            if (client.IsRefused)
            {
                refused++;
                continue;
            }

            bool stranger = !client.Session.IsAuthenticated, near = peer.Address is not null && client.Peer.Address == peer.Address;
            welcome++;
            unauthenticated += stranger ? 1 : 0;
            sameAddress += near ? 1 : 0;
            sameUnauthenticated += stranger && near ? 1 : 0;
            bool same = peer.Identity is not null && client.Session.Identity?.Name == peer.Identity.Name;
            sameUser += same ? 1 : 0;
            sameReader += same && client.Peer.ReadOnly ? 1 : 0;
        }

        int seats = SeatsFor(peer);
        if (welcome >= seats)
        {
            string rest = seats < limits.Clients ? $"; {limits.Clients - seats} seats are kept for others" : string.Empty;
            return Full($"the daemon has {welcome} clients, and that is its limit{rest}", "limits.clients");
        }

        if (peer.ReadOnly && !peer.IsAdministrator && sameReader >= limits.ReadOnlyClientsPerUser)
            return Full($"{peer.Identity?.Name} has {sameReader} read-only clients, and that is the limit of one user", "limits.readOnlyClientsPerUser");
        if (sameUser >= limits.ClientsPerUser)
            return Full($"{peer.Identity!.Name} has {sameUser} clients, and that is the limit of one user", "limits.clientsPerUser");
        if (sameAddress >= limits.ClientsPerAddress)
            return Full($"{peer.Address} has {sameAddress} clients, and that is the limit of one address", "limits.clientsPerAddress");
        if (!peer.MustAuthenticate)
            return null;
        if (sameUnauthenticated >= limits.UnauthenticatedClientsPerAddress)
            return Busy($"{sameUnauthenticated} clients from {peer.Address} are authenticating, and that is the limit of one address");
        return unauthenticated >= limits.UnauthenticatedClients
            ? Busy($"{unauthenticated} clients of the daemon are authenticating, and that is its limit")
            : attempts.Refusal(peer.AttemptsOf(user: null));
    }

    /// <summary>Why a client that has just authenticated is not taken in as that user; null when it is welcome.</summary>
    public VirtException? JudgeUser(IEnumerable<ServerClient> clients, ServerClient one, ClientIdentity identity)
    {
        int others = clients.Count(client => client != one && client.Session.Identity?.Name == identity.Name);
        return others >= limits.ClientsPerUser
            ? Full($"{identity.Name} has {others} clients, and that is the limit of one user", "limits.clientsPerUser")
            : null;
    }

    /// <summary>How many clients there may be for this one to be taken in.</summary>
    private int SeatsFor(Peer peer)
    {
        int reserved = Math.Min(limits.ReservedClients, limits.Clients / 4);
        return peer.IsAdministrator ? limits.Clients
            : peer is { Identity: UnixIdentity, ReadOnly: false } ? limits.Clients - reserved
            : limits.Clients - (2 * reserved);
    }

    private static string KeyOf(Peer peer) => peer.Address ?? string.Empty;

    private static VirtException Full(string message, string key) => VirtException.Create(
        VirtErrorCode.ResourceLimit, message, recommendedAction: $"Close connections that are not needed, or raise {key} in virtd.json.");

    private static VirtException Busy(string message) => VirtException.Create(
        VirtErrorCode.ResourceLimit, message, recommendedAction: "Try again in a moment.");
}
