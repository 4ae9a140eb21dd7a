using System.Globalization;
using System.Reflection;

namespace Virt.Help;

/// <summary>A parameter's place in a parameter set.</summary>
internal sealed record ParameterSet(string Name, string Position, bool Required, bool ByValue, bool ByPropertyName)
{
    /// <summary>PlatyPS's name for all sets.</summary>
    public const string All = "(All)";

    public override string ToString() =>
        $"{Name}, position {Position}{(Required ? ", required" : "")}{(ByValue ? ", by value" : "")}"
        + (ByPropertyName ? ", by property name" : "");
}

/// <summary>A parameter as its code declares it.</summary>
internal sealed record ParameterModel(
    string Name, string TypeName, string ShortType, bool IsSwitch, bool Wildcards,
    IReadOnlyList<string> Aliases, IReadOnlyList<string> Accepted,
    IReadOnlyList<ParameterSet> Sets)
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["String"] = "string", ["Int32"] = "int", ["Int64"] = "long", ["Double"] = "double", ["Boolean"] = "bool",
        ["Guid"] = "guid",
        ["SwitchParameter"] = "switch", ["PSCredential"] = "pscredential", ["PSObject"] = "psobject",
        ["ScriptBlock"] = "scriptblock",
    };

    public static ParameterModel Switch(string name, string alias) =>
        new(name, "System.Management.Automation.SwitchParameter", "switch", true, false, [alias], [],
            [new ParameterSet(ParameterSet.All, "Named", false, false, false)]);

    public static ParameterModel? Read(PropertyInfo property)
    {
        IList<CustomAttributeData> data = property.GetCustomAttributesData();
        CustomAttributeData[] parameters = [.. data.Where(one => one.AttributeType.Name == "ParameterAttribute")];
        if (parameters.Length == 0)
            return null;
        Type type = property.PropertyType;
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        Type element = bare.IsArray ? bare.GetElementType()! : bare;
        string shortType = (Keywords.GetValueOrDefault(element.Name) ?? element.Name) + (bare.IsArray ? "[]" : "");
        return new ParameterModel(
            property.Name, NameOf(type), shortType, element.Name == "SwitchParameter",
            data.Any(one => one.AttributeType.Name == "SupportsWildcardsAttribute"),
            [.. Strings(data, "AliasAttribute")],
            element.IsEnum ? Enum.GetNames(element) : [.. Strings(data, "ValidateSetAttribute")],
            [.. parameters.Select(Set).OrderBy(set => set.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The parameter's place in a set; null when it is not in it.</summary>
    public ParameterSet? In(string set) => Sets.FirstOrDefault(one => one.Name == set)
        ?? Sets.FirstOrDefault(one => one.Name == ParameterSet.All);

    private static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } value
        ? $"System.Nullable`1[{value.FullName}]"
        : type.FullName!;

    private static IEnumerable<string> Strings(IList<CustomAttributeData> data, string attribute) =>
        data.Where(one => one.AttributeType.Name == attribute)
            .SelectMany(one => (IEnumerable<CustomAttributeTypedArgument>)one.ConstructorArguments[0].Value!)
                .Select(argument => (string)argument.Value!);

    private static ParameterSet Set(CustomAttributeData parameter)
    {
        object? Value(string name) => parameter.NamedArguments.FirstOrDefault(argument =>
            argument.MemberName == name).TypedValue.Value;
        return new ParameterSet(
            Value("ParameterSetName") as string ?? ParameterSet.All,
            Value("Position") is int position ? position.ToString(CultureInfo.InvariantCulture) : "Named",
            Value("Mandatory") is true, Value("ValueFromPipeline") is true, Value("ValueFromPipelineByPropertyName") is true);
    }
}
