using Virt.Errors;

namespace Virt.Rpc;

/// <summary>The error of a call that a generated guard denies.</summary>
internal static class AccessDenial
{
    /// <summary>A connection that was opened to read is asked for more.</summary>
    public static VirtException Of(string procedure, Access missing) => VirtException.Create(
        VirtErrorCode.OperationDenied,
        $"the connection is read-only: {procedure} needs the access class {missing}",
        procedure,
        "Open the connection without the read-only flag, on the daemon's read-write socket.");

    /// <summary>What a call needs and this caller has not; fails when there is any.</summary>
    public static bool Allows(this Access granted, Access needed) => (needed & ~granted) == 0;
}
