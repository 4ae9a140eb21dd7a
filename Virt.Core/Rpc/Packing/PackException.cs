namespace Virt.Rpc.Packing;

/// <summary>Why MessagePack could not be read.</summary>
public enum PackFailure
{
    /// <summary>The bytes are not what is read, or not MessagePack at all.</summary>
    BadData,
    /// <summary>The data ends inside a value, or claims more elements or bytes than follow.</summary>
    EndOfData,
}

/// <summary>The one failure of reading MessagePack.</summary>
public sealed class PackException(PackFailure kind, string message) : Exception(message)
{
    /// <summary>Which of the two ways it failed.</summary>
    public PackFailure Kind { get; } = kind;
}
