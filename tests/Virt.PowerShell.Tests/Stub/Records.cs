namespace System.Management.Automation;

public sealed class ErrorRecord(Exception exception, string errorId, ErrorCategory category, object? target)
{
    public Exception Exception { get; } = exception;

    public string FullyQualifiedErrorId { get; } = errorId;

    public ErrorCategory Category { get; } = category;

    public object? TargetObject { get; } = target;

    public ErrorDetails? ErrorDetails { get; set; }
}

public sealed class ErrorDetails(string message)
{
    public string Message { get; } = message;

    public string? RecommendedAction { get; set; }
}

public enum ErrorCategory
{
    NotSpecified = 0,
    InvalidArgument = 5,
    InvalidData = 6,
    InvalidOperation = 7,
    InvalidResult = 8,
    NotImplemented = 11,
    ObjectNotFound = 13,
    OperationStopped = 14,
    OperationTimeout = 15,
    PermissionDenied = 18,
    ResourceBusy = 19,
    ResourceExists = 20,
    ResourceUnavailable = 21,
    AuthenticationError = 28,
    ConnectionError = 30,
}

public sealed class ProgressRecord(int activityId, string activity, string statusDescription)
{
    public int ActivityId { get; } = activityId;

    public string Activity { get; } = activity;

    public string StatusDescription { get; } = statusDescription;

    public int PercentComplete { get; set; } = -1;

    public ProgressRecordType RecordType { get; set; }
}

public enum ProgressRecordType
{
    Processing,
    Completed,
}

public readonly struct SwitchParameter(bool present)
{
    public bool IsPresent { get; } = present;

    public static implicit operator bool(SwitchParameter value) => value.IsPresent;

    public static implicit operator SwitchParameter(bool value) => new(value);
}

public sealed class PSObject(object baseObject)
{
    public object BaseObject { get; } = baseObject;

    public PSProperties Properties { get; } = [];

    public List<string> TypeNames { get; } = [];

    public static PSObject AsPSObject(object baseObject) => new(baseObject);

    /// <summary>An object that is made of properties.</summary>
    public static PSObject Of(params (string Name, object? Value)[] properties)
    {
        var made = new PSObject(new PSCustomObject());
        made.Properties.AddRange(properties.Select(property => new PSPropertyInfo(property.Name, property.Value)));
        return made;
    }
}

public sealed class PSProperties : List<PSPropertyInfo>
{
    public PSPropertyInfo? this[string name] => Find(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

public sealed record PSPropertyInfo(string Name, object? Value);

public sealed class PSCustomObject;

public sealed class PSCredential(string userName, string password)
{
    public string UserName { get; } = userName;

    public Net.NetworkCredential GetNetworkCredential() => new(UserName, password);
}

public class RuntimeException(string message) : Exception(message);

public sealed class PSVariable(string name, object? value)
{
    public string Name { get; } = name;

    public object? Value { get; } = value;
}

/// <summary>A script that is a function of its first argument.</summary>
public sealed class ScriptBlock(Func<object, IEnumerable<object?>> run)
{
    public IReadOnlyList<PSObject> InvokeWithContext(object? functions, List<PSVariable> variables, params object[] args) =>
        [.. run(args[0]).Select(one => new PSObject(one!))];
}

public sealed class PSModuleInfo;

public interface IModuleAssemblyInitializer
{
    void OnImport();
}

public interface IModuleAssemblyCleanup
{
    void OnRemove(PSModuleInfo psModuleInfo);
}
