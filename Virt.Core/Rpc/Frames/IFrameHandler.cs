namespace Virt.Rpc;

/// <summary>What takes the frames of a connection.</summary>
public interface IFrameHandler
{
    /// <summary>
    /// Takes a frame, on the receive loop, in the order of arrival; must be quick. What it throws ends the connection.
    /// </summary>
    /// <param name="header">The header.</param>
    /// <param name="body">The body; valid until the method returns.</param>
    void OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body);

    /// <summary>
    /// Gives up the work that the frames so far have put off, if any. It runs once the loop does not need the thread any more,
    /// so it may take its time.
    /// </summary>
    IThreadPoolWorkItem? TakeDeferred() => null;

    /// <summary>The connection has ended; called once, from any thread.</summary>
    void OnClosed(string reason);
}
