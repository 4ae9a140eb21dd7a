using Virt.Rpc;

namespace Virt.Errors;

/// <summary>The body of a reply with status error: an exception as it travels.</summary>
/// <param name="Code">The reason, with libvirt's number.</param>
/// <param name="Message">What happened.</param>
/// <param name="Target">The object concerned, or null.</param>
/// <param name="RecommendedAction">What to do next, or null.</param>
[Wire]
public sealed record ErrorRecord(VirtErrorCode Code, string Message, string? Target = null, string? RecommendedAction = null)
{
    /// <summary>The record of any exception; one that is not ours becomes an internal error with its message.</summary>
    public static ErrorRecord From(Exception exception) => exception switch
    {
        VirtException known => new(known.Code, known.Message, known.Target, known.RecommendedAction),
        OperationCanceledException => new(VirtErrorCode.OperationAborted, "the operation was cancelled"),
        _ => new(VirtErrorCode.InternalError, exception.Message),
    };

    /// <summary>The exception to throw on this side.</summary>
    public VirtException ToException() => VirtException.Create(Code, Message, Target, RecommendedAction);
}
