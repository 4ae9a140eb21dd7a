using System.Net.Sockets;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Daemon.Drivers.Qemu.Consoles;

/// <summary>A socket, or a pseudo terminal in one's clothes, as a stream; no thread waits for it.</summary>
/// <param name="socket">The socket; disposed with the stream.</param>
/// <param name="name">What errors call it.</param>
internal sealed class SocketStream(Socket socket, string name) : VirtStream
{
    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.OperationAborted)
        {
            // A terminal whose other end is gone fails with EIO, a socket perhaps with a reset: the guest has ended.
            return 0;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
                buffer = buffer[await socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        }
        catch (SocketException e)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"{name} takes nothing any more: its guest has ended", innerException: e,
                recommendedAction: "Start the domain again, and open its console anew.");
        }
    }

    /// <summary>Does nothing: a console has no end of input of its own, and what the guest writes goes on.</summary>
    public override ValueTask FinishAsync(CancellationToken cancel) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }
}
