using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;
using Virt.Ssh.HostKeys;

namespace Virt.Ssh;

/// <summary>Says in our words why SSH.NET has not connected.</summary>
internal sealed class SshNetFault(ConnectionUri uri, HostKeyCheck check)
{
    /// <summary>The error for a failed attempt.</summary>
    public VirtException Explain(Exception failure, ConnectionInfo info)
    {
        // Our own, from a question or a key.
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is VirtException ours)
                return ours;
        }

        return (check.Problem ?? Describe(failure, info)).ToException(uri.ToString(), failure);
    }

    private static SshProblem Describe(Exception failure, ConnectionInfo info)
    {
        string host = info.Host;
        return failure switch
        {
            SshAuthenticationException => SshProblem.Denied($"{info.Username}@{host}", Lower(failure.Message)),
            SocketException socket => OfSocket(host, info.Port, socket),
            SshConnectionException { InnerException: SocketException socket } => OfSocket(host, info.Port, socket),
            SshOperationTimeoutException => SshProblem.Silent(host, Lower(failure.Message)),
            SshConnectionException { DisconnectReason: DisconnectReason.KeyExchangeFailed } => new(
                VirtErrorCode.SystemError, $"{host} and this client have no algorithm in common: {failure.Message.TrimEnd('.')}",
                "Look at what the ssh server there offers (KexAlgorithms, HostKeyAlgorithms, Ciphers), or use the transport ssh."),
            IOException => SshProblem.Denied($"{info.Username}@{host}", Lower(failure.Message)),
            _ => new(
                VirtErrorCode.SystemError, $"no ssh connection to {host} on port {info.Port}: {Lower(failure.Message)}",
                "Check that an ssh server listens there; its log may say more. `ssh` by hand shows whether it is the host or this client."),
        };
    }

    private static SshProblem OfSocket(string host, int port, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => SshProblem.NoName(
            host, "Check the host's name and this machine's name resolution; ~/.ssh/config is not read for this transport."),
        SocketError.ConnectionRefused => SshProblem.Refused(host, $"port {port}"),
        SocketError.TimedOut => SshProblem.Silent(host, $"port {port}"),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => SshProblem.NoWay(host, e.Message),
        _ => new(VirtErrorCode.SystemError, $"no ssh connection to {host} on port {port}: {e.Message}", "Check the address and the network."),
    };

    private static string Lower(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? $"{char.ToLowerInvariant(text[0])}{text[1..].TrimEnd('.')}" : text.TrimEnd('.');
}
