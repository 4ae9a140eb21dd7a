namespace Virt.Daemon.Rpc.Authentication;

/// <summary>An exchange failed; the message is for the log, not for the client.</summary>
internal sealed class ScramException(string message) : Exception(message);
