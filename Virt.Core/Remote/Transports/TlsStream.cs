using System.Net.Security;
using System.Security.Authentication;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>
/// The client's side of TLS. In TLS 1.3 a server refuses a client's certificate after the client has finished its handshake, so
/// the first read may bring the refusal; it is kept for whoever opens the connection.
/// </summary>
/// <param name="inner">The transport below, which ends with this stream.</param>
/// <param name="explain">Explains the end of the connection at its first read; the error is null when the peer just closed.</param>
internal sealed class TlsStream(Stream inner, Func<Exception?, VirtException> explain) : SslStream(inner, leaveInnerStreamOpen: false), IFaultingStream
{
    private bool _hasRead;

    public VirtException? Fault { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _hasRead ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        try
        {
            int count = await base.ReadAsync(buffer, cancel).ConfigureAwait(false);
            if (count == 0)
                Fault = explain(null);
            _hasRead = true;
            return count;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            Fault = explain(e);
            throw;
        }
    }
}
