using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Messages;

namespace Virt.Ssh.Channels;

/// <summary>
/// The three members of SSH.NET that are needed and not public. Its own channels promise the far side a window of 2 GiB and fill
/// it again whether anybody reads or not, and what is inside them cannot be replaced; a session's events are public, so with its
/// way to send, a channel of our own stands on it (<see cref="ExecChannel"/>). The package's version is fixed for this reason.
/// </summary>
internal static class SessionAccess
{
    private const int SocketBuffer = 2 << 20;

    /// <summary>The session of a client that is connected.</summary>
    public static Session Of(BaseClient client) =>
        (Session)(GetSession(client) ?? throw new InvalidOperationException("the client is not connected"));

    /// <summary>Sends a message; waits while the socket takes no more.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendMessage")]
    public static extern void Send(Session session, Message message);

    /// <summary>Gives the socket under a session room for a whole window; SSH.NET leaves it room for two packets.</summary>
    public static void Widen(Session session)
    {
        if (GetSocket(session) is { } socket)
            (socket.ReceiveBufferSize, socket.SendBufferSize) = (SocketBuffer, SocketBuffer);
    }

    /// <summary>Closes the socket under a session, which ends whatever waits for the far side.</summary>
    public static void Abort(Session session) => GetSocket(session)?.Dispose();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Session")]
    [return: UnsafeAccessorType("Renci.SshNet.ISession, Renci.SshNet")]
    private static extern object? GetSession(BaseClient client);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    private static extern ref Socket? GetSocket(Session session);
}
