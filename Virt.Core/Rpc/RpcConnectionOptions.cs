namespace Virt.Rpc;

/// <summary>How a connection behaves; both sides have the same choices.</summary>
public sealed record RpcConnectionOptions
{
    /// <summary>
    /// How long the peer may be silent before it is asked for a sign of life; zero or less turns that off. As libvirt: 5 s.
    /// </summary>
    public TimeSpan KeepaliveInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many questions may go unanswered before the peer counts as dead. As libvirt: 5.</summary>
    public int KeepaliveCount { get; init; } = 5;

    /// <summary>The longest frame that is taken from an authenticated peer, in bytes; at most <see cref="RpcLimits.Frame"/>.</summary>
    public int FrameLimit { get; init; } = RpcLimits.Frame;

    /// <summary>
    /// How long part of a frame may wait for the rest, or what is sent for a peer to take it, before the peer is cut off; zero
    /// turns that off. A long frame has more time, see <see cref="MinimumRate"/>.
    /// </summary>
    public TimeSpan StallTime { get; init; }

    /// <summary>How many bytes a second a frame must come in with, after <see cref="StallTime"/>.</summary>
    public int MinimumRate { get; init; } = 16 * 1024;

    /// <summary>How many bytes may wait to be sent before a peer that does not read is cut off.</summary>
    public long SendQueueLimit { get; init; } = RpcLimits.SendQueue;

    /// <summary>
    /// How many bytes may wait to be sent while more is read. A daemon stops taking calls from a peer that does not fetch the
    /// answers; a client never stops reading, so the two cannot wait for each other.
    /// </summary>
    public long ReadWhileQueued { get; init; } = long.MaxValue;
}
