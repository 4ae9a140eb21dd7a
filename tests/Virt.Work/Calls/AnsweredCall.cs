using Virt.Rpc;
using Virt.Streams;

namespace Virt.Work.Calls;

/// <summary>A call as a procedure gets it; its reply is kept as a frame.</summary>
internal sealed class AnsweredCall(FrameHeader header, ReadOnlyMemory<byte> arguments) : IIncomingCall
{
    public ReadOnlyMemory<byte> Arguments => arguments;

    public FrameBuffer? Answer { get; private set; }

    public void Require(Access access)
    {
    }

    public void Reply<TResult>(TResult result, WireWriter<TResult> write) =>
        Answer = FrameBuffer.Encode(header.Reply(FrameStatus.Ok), result, write);

    public void Reply() => Answer = FrameBuffer.Encode<object?>(header.Reply(FrameStatus.Ok), null, null);

    public void SendEvent<TEvent>(TEvent value, WireWriter<TEvent> write) => throw new NotSupportedException();

    public void Accept(IAsyncDisposable subscription) => throw new NotSupportedException();

    public void AcceptStream(VirtStream stream) => throw new NotSupportedException();
}
