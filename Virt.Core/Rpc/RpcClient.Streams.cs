using Virt.Errors;
using Virt.Rpc.Streams;
using Virt.Streams;

namespace Virt.Rpc;

public sealed partial class RpcClient
{
    private readonly Dictionary<int, RpcStream> _streams = [];

    /// <inheritdoc/>
    public async ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        RpcStream stream = new(_connection, procedure, Forget);
        PendingStream call = new(this, procedure, stream);
        try
        {
            if (Send(call, arguments, writeArguments, cancel) is { } error)
                throw error;
            await call.EmptyTask.ConfigureAwait(false);
            return stream;
        }
        catch (Exception e)
        {
            // What went wrong with the call is known at the far side, or told it by a cancel already.
            stream.End(e);
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A frame of a stream; one that is not open here has been given up, and its frames are late.</summary>
    private void OnStream(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        RpcStream? stream;
        lock (_gate)
            _streams.TryGetValue(header.Serial, out stream);
        stream?.OnFrame(header, body);
    }

    /// <summary>The reply is not of the kind that the contract has; a stream that nobody here expects is given up.</summary>
    private void Mismatch(PendingCall call, in FrameHeader reply)
    {
        call.SetError(VirtException.Create(
            VirtErrorCode.RpcError,
            call.Stream is null ? "the reply opens a stream, which the call does not" : "the reply does not open the stream that was called for",
            recommendedAction: "Check that client and daemon are of matching versions."));
        if (reply.Status == FrameStatus.Continue)
            _connection.TrySend(new FrameHeader(call.Procedure, FrameType.Cancel, call.Serial));
    }

    /// <summary>Under the lock: gives a stream its serial.</summary>
    private void Register(RpcStream stream, int serial)
    {
        stream.Serial = serial;
        _streams.Add(serial, stream);
    }

    private void Forget(RpcStream stream)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(stream.Serial, out RpcStream? known) && known == stream)
                _streams.Remove(stream.Serial);
        }
    }

    private void EndStreams()
    {
        RpcStream[] streams;
        lock (_gate)
        {
            streams = [.. _streams.Values];
            _streams.Clear();
        }

        foreach (RpcStream stream in streams)
            stream.End(_connection.Failure());
    }
}
