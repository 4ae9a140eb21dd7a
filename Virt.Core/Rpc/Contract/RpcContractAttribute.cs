namespace Virt.Rpc;

/// <summary>Marks an interface whose methods are remote procedures; the source generator writes its stub and its table.</summary>
/// <param name="program">The program number all its procedures belong to.</param>
/// <param name="version">The program's version.</param>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class RpcContractAttribute(int program, int version) : Attribute
{
    /// <summary>The program number.</summary>
    public int Program { get; } = program;

    /// <summary>The program's version.</summary>
    public int Version { get; } = version;

    /// <summary>
    /// The kind of object that its procedures are about, as <c>domain</c>; their first <see cref="Guid"/>, or else their first
    /// string called path or name, says which one. Null when they are about none.
    /// </summary>
    public string? Subject { get; init; }
}
