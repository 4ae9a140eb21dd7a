using Virt.Errors;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>The book of one client's streams. Safe from any thread.</summary>
/// <param name="limit">How many it may have at once.</param>
internal sealed class ClientStreams(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, StreamRelay> _open = [];
    private readonly HashSet<StreamRelay> _held = [];
    private bool _closed;

    /// <summary>The streams that hold something, also those that are over on the wire and about to let go of it.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    /// <summary>What the streams may come to hold: a window each, and a piece each way.</summary>
    public long ReservedBytes => Count * (long)(RpcLimits.StreamWindow + (2 * RpcLimits.StreamChunk));

    /// <summary>Whether a stream is open under this serial.</summary>
    public bool Has(int serial)
    {
        lock (_gate)
            return _open.ContainsKey(serial);
    }

    /// <summary>Keeps a stream.</summary>
    /// <exception cref="VirtException">The client has too many.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public void Add(StreamRelay relay)
    {
        lock (_gate)
        {
            if (_closed)
                throw new OperationCanceledException("the client is gone");
            if (_held.Count >= limit)
            {
                throw VirtException.Create(
                    VirtErrorCode.ResourceLimit, $"this client has {_held.Count} open streams, and that is the daemon's limit",
                    recommendedAction: "Close one before opening another, or raise limits.streamsPerClient in virtd.json.");
            }

            _held.Add(relay);
            _open.Add(relay.Serial, relay);
        }
    }

    /// <summary>Takes a stream frame. One without a stream is late: the sender had not heard yet that it is over.</summary>
    public void OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body) => Find(header.Serial)?.OnFrame(header, body);

    /// <summary>The client gives a stream up; what is not there is over already.</summary>
    public void GiveUp(int serial) => Find(serial)?.Abort();

    /// <summary>A stream is over on the wire: its serial is free.</summary>
    public void Release(StreamRelay relay)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(relay.Serial, out StreamRelay? known) && known == relay)
                _open.Remove(relay.Serial);
        }
    }

    /// <summary>A stream holds nothing any more.</summary>
    public void Remove(StreamRelay relay)
    {
        lock (_gate)
            _held.Remove(relay);
    }

    /// <summary>The client is gone: ends all there is, and takes no more.</summary>
    public Task CloseAsync()
    {
        StreamRelay[] relays;
        lock (_gate)
        {
            _closed = true;
            relays = [.. _held];
        }

        foreach (StreamRelay relay in relays)
            relay.Abort();
        return Task.WhenAll(relays.Select(relay => relay.Ended));
    }

    private StreamRelay? Find(int serial)
    {
        lock (_gate)
            return _open.GetValueOrDefault(serial);
    }
}
