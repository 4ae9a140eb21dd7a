using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>A transport's stream that may learn, after it was connected, why the far side does not serve it.</summary>
internal interface IFaultingStream
{
    /// <summary>What the user should be told instead of how the connection ended; null when nothing is known.</summary>
    VirtException? Fault { get; }
}
