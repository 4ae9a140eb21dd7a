namespace Virt.Rpc;

/// <summary>What a frame was sent for.</summary>
internal interface IFrameOrigin
{
    /// <summary>The frame is about to be written; from now on the peer may have it.</summary>
    void OnWriting();
}
