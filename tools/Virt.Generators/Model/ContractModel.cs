namespace Virt.Generators.Model;

/// <summary>A procedure of a contract.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Number">The procedure number.</param>
/// <param name="Access">The member of <c>Virt.Rpc.Access</c> as C# expression.</param>
/// <param name="Parameters">All parameters as C# declares them.</param>
/// <param name="Arguments">The parameters that travel.</param>
/// <param name="Result">What it returns; null for nothing, and for a subscription or a stream.</param>
/// <param name="Handler">The name of a subscription's handler.</param>
/// <param name="Event">What a subscription's events carry.</param>
/// <param name="Gates">The values of arguments that need more access.</param>
/// <param name="Subject">The C# expression of the argument that names the object; null when there is none.</param>
/// <param name="IsStream">Whether it opens a stream.</param>
internal sealed record ProcedureModel(
    string Method,
    int Number,
    string Access,
    EquatableArray<ParameterModel> Parameters,
    EquatableArray<WireField> Arguments,
    WireType? Result,
    string? Handler,
    WireType? Event,
    EquatableArray<GateModel> Gates,
    string? Subject,
    bool IsStream)
{
    /// <summary>The procedure's name in tables and messages.</summary>
    public string Name => Method.EndsWith("Async", StringComparison.Ordinal) ? Method.Substring(0, Method.Length - 5) : Method;

    /// <summary>The type argument of the returned <c>ValueTask</c>; null where it has none.</summary>
    public string? ResultName => IsStream ? "global::" + Parsing.TypeNames.Stream
        : Event is null ? Result?.FullName : "global::System.IAsyncDisposable";

    /// <summary>The returned type.</summary>
    public string ReturnName => "global::System.Threading.Tasks.ValueTask" + (ResultName is { } name ? $"<{name}>" : "");
}

/// <summary>A parameter as C# declares it.</summary>
internal sealed record ParameterModel(string TypeName, string Name);

/// <summary>A value of an argument that needs more access than its procedure.</summary>
/// <param name="Argument">The parameter's name.</param>
/// <param name="Value">The enum's member as C# expression.</param>
/// <param name="IsFlag">Whether the member is one bit of several.</param>
/// <param name="Access">What it needs, as C# expression.</param>
internal sealed record GateModel(string Argument, string Value, bool IsFlag, string Access);

/// <summary>An <c>[RpcContract]</c> interface.</summary>
internal sealed record ContractModel(
    string Namespace, string Name, string FullName, string Accessibility, int Program, int Version, bool IsDisposable,
    EquatableArray<ProcedureModel> Procedures)
{
    /// <summary>The name without the interface's I.</summary>
    public string BaseName => Name.Length > 1 && Name[0] == 'I' && char.IsUpper(Name[1]) ? Name.Substring(1) : Name;
}

/// <summary>A number that is taken.</summary>
internal sealed record ProcedureNumber(int Program, int Version, int Number, string Contract, string Method, LocationInfo? Location);
