using System.Net.Sockets;

namespace Virt.Tests.Host;

/// <summary>A unix socket to which a program that is started connects, so that nobody has to ask whether it is ready.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public Listener(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen();
    }

    public async Task<NetworkStream> AcceptAsync(CancellationToken cancel) => new(await _socket.AcceptAsync(cancel), ownsSocket: true);

    public void Dispose() => _socket.Dispose();
}
