using Virt.Terminals;

namespace Virt.Errors;

/// <summary>
/// The one exception of Virt's API. The code, the object it concerns and what to do next travel over the wire; stack traces
/// do not. Its texts are visible ones (<see cref="VisibleText"/>), whoever chose the words in them: they end on a terminal or in a log.
/// </summary>
public class VirtException : Exception
{
    /// <summary>Makes an exception; see <see cref="Create"/> for the one with the type that fits the code.</summary>
    /// <param name="code">The reason.</param>
    /// <param name="message">What happened, in one sentence, without a trailing period's need for context.</param>
    /// <param name="target">The name of the object concerned, or null.</param>
    /// <param name="recommendedAction">What the user can do next, or null.</param>
    /// <param name="innerException">The cause on this side of the wire, or null.</param>
    public VirtException(
        VirtErrorCode code, string message, string? target = null, string? recommendedAction = null, Exception? innerException = null)
        : base(VisibleText.Lines(message), Visible(innerException))
    {
        Code = code;
        Target = VisibleText.Line(target);
        RecommendedAction = VisibleText.Lines(recommendedAction);
    }

    /// <summary>The reason, with libvirt's number.</summary>
    public VirtErrorCode Code { get; }

    /// <summary>The name of the object concerned, or null.</summary>
    public string? Target { get; }

    /// <summary>What the user can do next, or null.</summary>
    public string? RecommendedAction { get; }

    /// <summary>Makes the exception whose type fits the code, so that callers can catch by type.</summary>
    public static VirtException Create(
        VirtErrorCode code, string message, string? target = null, string? recommendedAction = null, Exception? innerException = null) =>
        code switch
        {
            VirtErrorCode.NoDomain or VirtErrorCode.NoNetwork or VirtErrorCode.NoStoragePool or VirtErrorCode.NoStorageVolume
                or VirtErrorCode.NoSecret or VirtErrorCode.NoDomainMetadata
                => new VirtNotFoundException(code, message, target, recommendedAction, innerException),
            VirtErrorCode.OperationInvalid
                => new VirtInvalidStateException(message, target, recommendedAction, innerException),
            VirtErrorCode.OperationDenied or VirtErrorCode.AccessDenied
                => new VirtAccessDeniedException(code, message, target, recommendedAction, innerException),
            VirtErrorCode.NoConnect or VirtErrorCode.InvalidConnection or VirtErrorCode.RpcError
                => new VirtConnectionException(code, message, target, recommendedAction, innerException),
            _ => new VirtException(code, message, target, recommendedAction, innerException),
        };

    // A cause is shown too, by Get-Error for one. One whose words are not visible is told in visible ones.
    private static Exception? Visible(Exception? cause)
    {
        for (Exception? one = cause; one is not null; one = one.InnerException)
        {
            string words = one.Message;
            if (!ReferenceEquals(VisibleText.Lines(words), words))
                return new VirtException(VirtErrorCode.InternalError, $"{cause!.GetType().Name}: {cause.Message}", innerException: cause.InnerException);
        }

        return cause;
    }
}

/// <summary>The object that was named does not exist.</summary>
public sealed class VirtNotFoundException(
    VirtErrorCode code, string message, string? target = null, string? recommendedAction = null, Exception? innerException = null)
    : VirtException(code, message, target, recommendedAction, innerException);

/// <summary>The object is in a state in which the operation makes no sense (<see cref="VirtErrorCode.OperationInvalid"/>).</summary>
public sealed class VirtInvalidStateException(
    string message, string? target = null, string? recommendedAction = null, Exception? innerException = null)
    : VirtException(VirtErrorCode.OperationInvalid, message, target, recommendedAction, innerException);

/// <summary>The connection is read-only or its user may not make the call.</summary>
public sealed class VirtAccessDeniedException(
    VirtErrorCode code, string message, string? target = null, string? recommendedAction = null, Exception? innerException = null)
    : VirtException(code, message, target, recommendedAction, innerException);

/// <summary>The connection could not be opened, or was lost.</summary>
public sealed class VirtConnectionException(
    VirtErrorCode code, string message, string? target = null, string? recommendedAction = null, Exception? innerException = null)
    : VirtException(code, message, target, recommendedAction, innerException)
{
    /// <summary>What is known of the call that the loss of the connection cut off; null when it was not a call that failed.</summary>
    public CallOutcome? Outcome { get; init; }
}
