namespace Virt.Rpc;

/// <summary>
/// Marks a positional record that travels as a MessagePack array with fixed positions. Parameters are only ever appended, and
/// appended ones have defaults; unknown trailing elements are skipped and missing ones take their default.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class WireAttribute : Attribute;
