using Virt.Drivers;

namespace Virt.Remote.Transports;

/// <summary>Plain tcp, authenticated with SCRAM-SHA-256 but not encrypted.</summary>
internal sealed class TcpTransport : IRemoteTransport
{
    /// <summary>The port of a URI that names none.</summary>
    public const int DefaultPort = 16609;

    public string Name => "tcp";

    public ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel) => TcpConnector.ConnectAsync(
        request.Uri, request.Uri.Host ?? "localhost", request.Uri.Port ?? DefaultPort, section: "tcp", cancel);
}
