using Virt.Errors;

namespace Virt.Rpc;

/// <summary>The error of a call that a generated guard denies.</summary>
internal static class AccessDenial
{
    public static VirtException Of(string procedure) => VirtException.Create(
        VirtErrorCode.OperationDenied,
        $"the connection is read-only: {procedure} is not allowed",
        recommendedAction: "Open the connection without the read-only flag, on the daemon's read-write socket.");
}
