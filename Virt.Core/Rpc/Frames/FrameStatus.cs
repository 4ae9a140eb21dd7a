namespace Virt.Rpc;

/// <summary>How a reply ended: the sixth integer of a frame's header.</summary>
public enum FrameStatus
{
    /// <summary>Well; also of frames that are no replies.</summary>
    Ok = 0,
    /// <summary>With an error, which is the body; also of the frame that ends a stream with one.</summary>
    Error = 1,
    /// <summary>Well, and a stream is open now.</summary>
    Continue = 2,
}
