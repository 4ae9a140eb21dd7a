using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Streams;

namespace Virt.Work.Calls;

/// <summary>Carries a stub's calls as frames to whoever answers them, without a connection and on the caller's thread.</summary>
/// <param name="answer">Takes the frame of the call and returns the frame of the reply; null when it is not answered.</param>
internal sealed class FrameCaller(Func<FrameBuffer, FrameBuffer?> answer) : IRpcCaller, IDisposable
{
    private readonly FrameCutter _cutter = new();
    private int _serial;

    public ValueTask<TResult> CallAsync<TArguments, TResult>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
        CancellationToken cancel)
    {
        using FrameBuffer call = FrameBuffer.Encode(new FrameHeader(procedure, FrameType.Call, ++_serial), arguments, writeArguments);
        using FrameBuffer? reply = answer(call);
        if (reply is null)
            return default;
        _ = _cutter.Cut(reply, out ReadOnlyMemory<byte> body);
        PackReader reader = new(body);
        return new(readResult(ref reader));
    }

    public ValueTask CallAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
        Action<TEvent> handler, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel) =>
        throw new NotSupportedException();

    public void Dispose() => _cutter.Dispose();
}
