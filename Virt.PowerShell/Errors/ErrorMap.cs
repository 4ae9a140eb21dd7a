using System.Management.Automation;
using Virt.Errors;
using Virt.Terminals;
using ErrorRecord = System.Management.Automation.ErrorRecord;

namespace Virt.PowerShell;

/// <summary>
/// The only place where an exception becomes an error record: a stable id, the category, the target, what to do.
/// </summary>
internal static class ErrorMap
{
    public static ErrorRecord ToRecord(Exception exception, object? target)
    {
        VirtException known = Known(exception);
        (string id, ErrorCategory category) = known is VirtConnectionException && known.Code == VirtErrorCode.SystemError
            ? ("VirtConnectionFailed", ErrorCategory.ConnectionError)
            : Classify(known.Code);
        return Make(known, id, category, target);
    }

    /// <summary>The record of an exception, whose words are visible ones, about a target that others may have named.</summary>
    internal static ErrorRecord Make(VirtException known, string id, ErrorCategory category, object? target)
    {
        var record = new ErrorRecord(known, id, category, target is string named ? VisibleText.Lines(named) : target ?? known.Target)
        {
            ErrorDetails = new ErrorDetails(Sentence(known.Message)) { RecommendedAction = known.RecommendedAction },
        };
        record.CategoryInfo.TargetName = VisibleText.Line(record.CategoryInfo.TargetName);
        return record;
    }

    internal static (string Id, ErrorCategory Category) Classify(VirtErrorCode code) => code switch
    {
        VirtErrorCode.NoDomain => ("VirtDomainNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.NoNetwork => ("VirtNetworkNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.NoStoragePool => ("VirtStoragePoolNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.NoStorageVolume => ("VirtVolumeNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.NoSecret => ("VirtSecretNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.NoDomainMetadata => ("VirtMetadataNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.DeviceMissing => ("VirtDeviceNotFound", ErrorCategory.ObjectNotFound),
        VirtErrorCode.StorageVolumeExists => ("VirtVolumeExists", ErrorCategory.ResourceExists),
        VirtErrorCode.InvalidSecret => ("VirtInvalidSecret", ErrorCategory.PermissionDenied),
        VirtErrorCode.OperationInvalid => ("VirtInvalidState", ErrorCategory.InvalidOperation),
        VirtErrorCode.OperationFailed => ("VirtOperationFailed", ErrorCategory.InvalidResult),
        VirtErrorCode.DomainExists => ("VirtDomainExists", ErrorCategory.ResourceExists),
        VirtErrorCode.InvalidArgument => ("VirtInvalidArgument", ErrorCategory.InvalidArgument),
        VirtErrorCode.NoName or VirtErrorCode.XmlError => ("VirtInvalidDefinition", ErrorCategory.InvalidData),
        VirtErrorCode.XmlDetail => ("VirtMalformedXml", ErrorCategory.InvalidData),
        VirtErrorCode.XmlInvalidSchema => ("VirtInvalidSchema", ErrorCategory.InvalidData),
        VirtErrorCode.OperationDenied => ("VirtOperationDenied", ErrorCategory.PermissionDenied),
        VirtErrorCode.AccessDenied => ("VirtAccessDenied", ErrorCategory.PermissionDenied),
        VirtErrorCode.AuthenticationFailed => ("VirtAuthenticationFailed", ErrorCategory.AuthenticationError),
        VirtErrorCode.AuthenticationCancelled => ("VirtAuthenticationCancelled", ErrorCategory.AuthenticationError),
        VirtErrorCode.OperationTimeout => ("VirtTimeout", ErrorCategory.OperationTimeout),
        VirtErrorCode.OperationAborted => ("VirtOperationAborted", ErrorCategory.OperationStopped),
        VirtErrorCode.ResourceBusy => ("VirtResourceBusy", ErrorCategory.ResourceBusy),
        VirtErrorCode.AgentUnresponsive => ("VirtAgentUnresponsive", ErrorCategory.ResourceUnavailable),
        VirtErrorCode.ResourceLimit => ("VirtResourceLimit", ErrorCategory.ResourceUnavailable),
        VirtErrorCode.NoSupport or VirtErrorCode.OperationUnsupported => ("VirtNotSupported", ErrorCategory.NotImplemented),
        VirtErrorCode.ConfigurationUnsupported => ("VirtConfigurationUnsupported", ErrorCategory.NotImplemented),
        VirtErrorCode.ArgumentUnsupported => ("VirtArgumentUnsupported", ErrorCategory.NotImplemented),
        VirtErrorCode.NoConnect => ("VirtNoConnection", ErrorCategory.ConnectionError),
        VirtErrorCode.InvalidConnection => ("VirtConnectionClosed", ErrorCategory.ConnectionError),
        VirtErrorCode.RpcError => ("VirtConnectionLost", ErrorCategory.ConnectionError),
        VirtErrorCode.SystemError => ("VirtSystemError", ErrorCategory.ResourceUnavailable),
        VirtErrorCode.ConfigurationError => ("VirtConfigurationError", ErrorCategory.InvalidData),
        _ => ("VirtInternalError", ErrorCategory.NotSpecified),
    };

    /// <summary>The words as PowerShell shows errors: a capital letter and a full stop.</summary>
    internal static string Sentence(string message)
    {
        string text = message.Trim();
        if (text.Length == 0)
            return "The operation failed without saying why.";
        // 'qemu:///x' or a name at the start keeps its letters.
        if (text.Length > 1 && char.IsLower(text[0]) && (char.IsLower(text[1]) || text[1] == ' ') && !StartsWithUri(text))
            text = char.ToUpperInvariant(text[0]) + text[1..];
        return text[^1] is '.' or '!' or '?' ? text : text + ".";
    }

    private static bool StartsWithUri(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return text.AsSpan(0, space < 0 ? text.Length : space).Contains("://", StringComparison.Ordinal);
    }

    /// <summary>The exception as Virt's own, which has visible words.</summary>
    internal static VirtException Known(Exception exception) => exception switch
    {
        VirtException known => known,
        OperationCanceledException => new VirtException(
            VirtErrorCode.OperationAborted, "the operation was cancelled", innerException: exception),
        TimeoutException => new VirtException(VirtErrorCode.OperationTimeout, exception.Message, innerException: exception),
        // What XML cannot hold is one of them.
        FormatException or (ArgumentException and not ArgumentNullException) => new VirtException(VirtErrorCode.InvalidArgument, exception.Message, innerException: exception),
        IOException or UnauthorizedAccessException => new VirtException(
            VirtErrorCode.SystemError, exception.Message, innerException: exception),
        _ => new VirtException(VirtErrorCode.InternalError, exception.Message, innerException: exception),
    };
}
