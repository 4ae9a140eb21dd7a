using Virt.Rpc;

namespace Virt.Work.Frames;

/// <summary>Cuts what arrives, as much at once as there is room for, into frames.</summary>
internal sealed class ReadFrames : IWorkload, IDisposable
{
    private readonly FrameReceiver _receiver = new() { Limit = RpcLimits.Frame };
    private readonly byte[] _bytes;

    public ReadFrames(string name, int frames, int size)
    {
        Name = name;
        Operations = frames;
        byte[] frame = Packed.Frame(size);
        _bytes = [.. Enumerable.Repeat(frame, frames).SelectMany(bytes => bytes)];
    }

    public string Name { get; }

    public int Operations { get; }

    public void Run()
    {
        int frames = 0;
        for (int at = 0; at < _bytes.Length;)
        {
            Memory<byte> room = _receiver.GetRoom();
            int count = Math.Min(room.Length, _bytes.Length - at);
            _bytes.AsMemory(at, count).CopyTo(room);
            _receiver.Advance(count);
            at += count;
            while (_receiver.TryTake(out _, out _))
                frames++;
        }

        if (frames != Operations)
            throw new InvalidDataException($"{frames} of {Operations} frames came out");
    }

    public void Dispose() => _receiver.Dispose();
}
