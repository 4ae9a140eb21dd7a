using Virt.Connections;
using Virt.Rpc;

namespace Virt.Remote;

/// <summary>The handshake of a connection: authentication, then Open. After Open the drivers' procedures can be called.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface ISession
{
    /// <summary>The ways to authenticate, best first; empty when the transport has authenticated the peer already.</summary>
    [Procedure(RemoteProcedure.ListAuthentication, Access.Handshake)]
    ValueTask<IReadOnlyList<string>> ListAuthenticationAsync(CancellationToken cancel);

    /// <summary>Begins to authenticate.</summary>
    [Procedure(RemoteProcedure.StartAuthentication, Access.Handshake)]
    ValueTask<AuthenticationStep> StartAuthenticationAsync(string mechanism, ReadOnlyMemory<byte> data, CancellationToken cancel);

    /// <summary>Goes on authenticating.</summary>
    [Procedure(RemoteProcedure.StepAuthentication, Access.Handshake)]
    ValueTask<AuthenticationStep> StepAuthenticationAsync(ReadOnlyMemory<byte> data, CancellationToken cancel);

    /// <summary>Opens a driver by name, as <c>qemu:///system</c>: the URI without transport and host.</summary>
    [Procedure(RemoteProcedure.Open, Access.Handshake)]
    ValueTask<SessionOpened> OpenAsync(string name, OpenOptions options, CancellationToken cancel);

    /// <summary>Closes what Open opened; the connection may then end.</summary>
    [Procedure(RemoteProcedure.Close, Access.Handshake)]
    ValueTask CloseAsync(CancellationToken cancel);
}

/// <summary>The daemon's part of an authentication exchange.</summary>
/// <param name="Complete">Whether the peer is authenticated now.</param>
/// <param name="Data">The mechanism's data.</param>
[Wire]
public sealed record AuthenticationStep(bool Complete, ReadOnlyMemory<byte> Data);

/// <summary>What Open found at the far side.</summary>
/// <param name="Uri">The URI as opened there.</param>
/// <param name="HostName">The daemon's host.</param>
/// <param name="DaemonVersion">The daemon's version of Virt.</param>
/// <param name="ReadOnly">Whether the connection is read-only.</param>
/// <param name="Drivers">The secondary drivers that opened there.</param>
/// <param name="Access">The access classes that the daemon grants; null from an older daemon, which does not say.</param>
[Wire]
public sealed record SessionOpened(
    string Uri, string HostName, string DaemonVersion, bool ReadOnly, IReadOnlyList<SecondaryDriver> Drivers, Access? Access = null);
