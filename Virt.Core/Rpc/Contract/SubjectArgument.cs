namespace Virt.Rpc;

/// <summary>Which argument of a procedure names the object that it is about.</summary>
/// <param name="Kind">What kind of object, as the contract says.</param>
/// <param name="Position">The argument's place in the array.</param>
/// <param name="IsUuid">Whether it is a <see cref="Guid"/>; else it is a name or a path.</param>
/// <param name="Field">Where the argument is a record, the place in it; else null.</param>
public sealed record SubjectArgument(string Kind, int Position, bool IsUuid, int? Field = null);
