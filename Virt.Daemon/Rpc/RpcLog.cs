using Microsoft.Extensions.Logging;

namespace Virt.Daemon.Rpc;

/// <summary>What the RPC side of the daemon logs.</summary>
internal static partial class RpcLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {Listener}")]
    public static partial void Listening(ILogger logger, string listener);

    [LoggerMessage(2, LogLevel.Warning, "Accepting on {Listener} failed")]
    public static partial void AcceptFailed(ILogger logger, string listener, Exception error);

    [LoggerMessage(3, LogLevel.Information, "Client {Client} connected by {Transport} from {Peer}, read-only {ReadOnly}")]
    public static partial void Connected(ILogger logger, long client, string transport, string peer, bool readOnly);

    [LoggerMessage(4, LogLevel.Information, "Client {Client} disconnected: {Reason}")]
    public static partial void Disconnected(ILogger logger, long client, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Client {Client} is refused: {Reason}")]
    public static partial void Refused(ILogger logger, long client, string reason);

    [LoggerMessage(6, LogLevel.Information, "Client {Client} authenticated as {User}")]
    public static partial void Authenticated(ILogger logger, long client, string user);

    [LoggerMessage(7, LogLevel.Warning, "Client {Client} from {Peer} failed to authenticate: {Reason}")]
    public static partial void AuthenticationFailed(ILogger logger, long client, string peer, string reason);

    [LoggerMessage(8, LogLevel.Information, "Client {Client} opened {Uri}, read-only {ReadOnly}")]
    public static partial void Opened(ILogger logger, long client, string uri, bool readOnly);

    [LoggerMessage(9, LogLevel.Debug, "Call {Procedure} of client {Client} failed: {Code} {Message}")]
    public static partial void CallFailed(ILogger logger, string procedure, long client, Errors.VirtErrorCode code, string message);

    [LoggerMessage(10, LogLevel.Error, "Call {Procedure} of client {Client} broke")]
    public static partial void CallBroke(ILogger logger, string procedure, long client, Exception error);

    [LoggerMessage(11, LogLevel.Warning, "Client {Client}: {What} failed while cleaning up")]
    public static partial void CleanUpFailed(ILogger logger, long client, string what, Exception error);

    [LoggerMessage(12, LogLevel.Warning, "An event for client {Client} could not be sent")]
    public static partial void EventFailed(ILogger logger, long client, Exception error);

    [LoggerMessage(13, LogLevel.Information, "Draining: {Clients} clients, {Calls} calls")]
    public static partial void Draining(ILogger logger, int clients, int calls);

    [LoggerMessage(14, LogLevel.Information, "A TLS handshake with {Peer} failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, string peer, string reason);

    [LoggerMessage(15, LogLevel.Information, "TLS serves the certificate '{Name}', valid until {Until}, to clients of {Authorities}")]
    public static partial void CertificateLoaded(ILogger logger, string name, string until, string authorities);

    [LoggerMessage(16, LogLevel.Warning, "Clients will not accept the server's certificate: {Reason}. {Action}")]
    public static partial void CertificateDoubtful(ILogger logger, string reason, string action);

    [LoggerMessage(17, LogLevel.Error, "The changed certificates cannot be used, the ones before stay in use: {Reason}. {Action}")]
    public static partial void CertificateBroken(ILogger logger, string reason, string action);

    [LoggerMessage(18, LogLevel.Warning, "The certificate of {Peer} is not accepted: {Reason}. {Action}")]
    public static partial void CertificateRefused(ILogger logger, string peer, string reason, string action);

    [LoggerMessage(19, LogLevel.Warning, "{Count} more connections of {Who} within a minute are not logged one by one")]
    public static partial void NotLogged(ILogger logger, long count, string who);

    [LoggerMessage(30, LogLevel.Error, "Stream {Serial} of client {Client} broke")]
    public static partial void StreamBroke(ILogger logger, int serial, long client, Exception error);

    [LoggerMessage(31, LogLevel.Warning, "The answer to {Procedure} of client {Client} cannot be sent: {Reason}")]
    public static partial void ReplyTooLong(ILogger logger, string procedure, long client, string reason);
}
