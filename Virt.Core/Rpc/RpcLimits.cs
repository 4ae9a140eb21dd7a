namespace Virt.Rpc;

/// <summary>What a peer may ask of this side; the one place where the protocol's limits stand.</summary>
public static class RpcLimits
{
    /// <summary>The longest frame that is taken before the peer is authenticated, in bytes.</summary>
    public const int UnauthenticatedFrame = 64 * 1024;

    /// <summary>The longest frame that is taken after authentication, in bytes.</summary>
    public const int Frame = 32 * 1024 * 1024;

    /// <summary>How deep arrays and maps may nest in one body.</summary>
    public const int Depth = 64;

    /// <summary>
    /// The most elements of one list or map. A frame of small elements could else make this side hold many times its size.
    /// </summary>
    public const int Elements = 256 * 1024;

    /// <summary>How many bytes may wait for a peer that does not read, before it is cut off.</summary>
    public const long SendQueue = 2L * Frame;

    /// <summary>How many bytes may wait for a peer whose further calls are still taken.</summary>
    public const long ReadWhileQueued = 4 * 1024 * 1024;

    /// <summary>How many events may wait for a subscription's handler that is slower than they come.</summary>
    public const int QueuedEvents = 100_000;

    /// <summary>How many bytes of a stream may be under way to a reader that has not taken any yet.</summary>
    public const int StreamWindow = 256 * 1024;

    /// <summary>The most bytes that one frame of a stream carries.</summary>
    public const int StreamChunk = 64 * 1024;

    /// <summary>The most credit, in bytes, that a peer may give for a stream.</summary>
    public const int StreamCredit = 16 * 1024 * 1024;

    /// <summary>How many bytes may wait to be sent while streams add to them; calls and their answers do not wait for more than that.</summary>
    public const int StreamQueue = 512 * 1024;
}
