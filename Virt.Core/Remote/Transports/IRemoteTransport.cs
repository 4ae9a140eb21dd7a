using Virt.Drivers;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>A way to a daemon: it makes a stream out of a URI.</summary>
internal interface IRemoteTransport
{
    /// <summary>Its name in a URI, after the plus sign.</summary>
    string Name { get; }

    /// <summary>Connects. The caller limits the time through <paramref name="cancel"/>.</summary>
    /// <exception cref="VirtException">What went wrong and what to do.</exception>
    ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel);
}
