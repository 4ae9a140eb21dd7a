using Virt.Errors;
using Virt.Hosts;

namespace Virt.Daemon.Hosting.Check;

/// <summary>Asks QEMU what it can do, without a daemon.</summary>
internal static class CapabilitiesProbe
{
    public static Func<CancellationToken, ValueTask<HostCapabilities>> For(VirtdOptions options) =>
        _ => throw new VirtException(VirtErrorCode.NoSupport, $"pending {options.Root}");
}
