namespace Virt.Rpc;

/// <summary>What a frame is for: the fourth integer of its header.</summary>
public enum FrameType
{
    /// <summary>A call; the body is the array of its arguments.</summary>
    Call = 0,
    /// <summary>The answer to a call, with its serial; the body is the result, or an error record.</summary>
    Reply = 1,
    /// <summary>An event of a subscription, with the serial of the call that subscribed; keepalive frames are events too.</summary>
    Event = 2,
    /// <summary>Data, credit or the end of a stream, with the serial of the call that opened it.</summary>
    Stream = 3,
    /// <summary>The caller gives up a call, a subscription or a stream, with its serial; never answered.</summary>
    Cancel = 4,
}
