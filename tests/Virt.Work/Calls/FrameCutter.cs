using Virt.Rpc;

namespace Virt.Work.Calls;

/// <summary>The receiving end of one side: a frame that arrives at once and whole.</summary>
internal sealed class FrameCutter : IDisposable
{
    private readonly FrameReceiver _receiver = new() { Limit = RpcLimits.Frame };

    public FrameHeader Cut(FrameBuffer frame, out ReadOnlyMemory<byte> body)
    {
        frame.Memory.CopyTo(_receiver.GetRoom());
        _receiver.Advance(frame.Length);
        return _receiver.TryTake(out FrameHeader header, out body) ? header : throw new InvalidDataException("the frame is not whole");
    }

    public void Dispose() => _receiver.Dispose();
}
