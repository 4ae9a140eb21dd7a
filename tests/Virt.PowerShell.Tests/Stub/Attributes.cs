// The few types of System.Management.Automation that the commands use, for tests alone: enough to compile and run a command's own
// logic. Binding, validation and views are the engine's and are tested in PowerShell.
namespace System.Management.Automation;

[AttributeUsage(AttributeTargets.Class)]
public sealed class CmdletAttribute(string verb, string noun) : Attribute
{
    public string VerbName { get; } = verb;

    public string NounName { get; } = noun;

    public bool SupportsShouldProcess { get; set; }

    public ConfirmImpact ConfirmImpact { get; set; } = ConfirmImpact.Medium;

    public string? DefaultParameterSetName { get; set; }
}

[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class OutputTypeAttribute(params Type[] types) : Attribute
{
    public Type[] Types { get; } = types;

    public string[] ParameterSetName { get; set; } = [];
}

[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
public sealed class ParameterAttribute : Attribute
{
    public bool Mandatory { get; set; }

    public int Position { get; set; } = int.MinValue;

    public bool ValueFromPipeline { get; set; }

    public bool ValueFromPipelineByPropertyName { get; set; }

    public string ParameterSetName { get; set; } = "__AllParameterSets";
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class AliasAttribute(params string[] names) : Attribute
{
    public string[] Names { get; } = names;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class ArgumentCompleterAttribute(Type type) : Attribute
{
    public Type Type { get; } = type;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateNotNullOrEmptyAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateNotNullAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowEmptyStringAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class SupportsWildcardsAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class CredentialAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateRangeAttribute(object minimum, object maximum) : Attribute
{
    public object Minimum { get; } = minimum;

    public object Maximum { get; } = maximum;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateSetAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidatePatternAttribute(string pattern) : Attribute
{
    public string Pattern { get; } = pattern;
}

public abstract class ArgumentTransformationAttribute : Attribute
{
    public abstract object Transform(EngineIntrinsics engineIntrinsics, object inputData);
}

public sealed class EngineIntrinsics;

public sealed class ArgumentTransformationMetadataException(string message) : Exception(message);

public enum ConfirmImpact
{
    None,
    Low,
    Medium,
    High,
}

public static class VerbsCommon
{
    public const string Add = "Add";
    public const string Enter = "Enter";
    public const string Get = "Get";
    public const string New = "New";
    public const string Remove = "Remove";
    public const string Rename = "Rename";
    public const string Set = "Set";
}

public static class VerbsData
{
    public const string Edit = "Edit";
    public const string Export = "Export";
    public const string Import = "Import";
}

public static class VerbsCommunications
{
    public const string Connect = "Connect";
    public const string Disconnect = "Disconnect";
}

public static class VerbsDiagnostic
{
    public const string Measure = "Measure";
    public const string Test = "Test";
}

public static class VerbsLifecycle
{
    public const string Register = "Register";
    public const string Restart = "Restart";
    public const string Resume = "Resume";
    public const string Start = "Start";
    public const string Stop = "Stop";
    public const string Suspend = "Suspend";
    public const string Wait = "Wait";
}
