namespace Virt.Rpc;

/// <summary>How a reply ended: the sixth integer of a frame's header.</summary>
public enum FrameStatus
{
    /// <summary>Well; also of every frame that is not a reply.</summary>
    Ok = 0,
    /// <summary>With an error, which is the body.</summary>
    Error = 1,
    /// <summary>More data of the stream follows.</summary>
    Continue = 2,
}
