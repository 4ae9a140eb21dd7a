namespace Virt.Rpc.MessagePack;

/// <summary>What the next value is: the type families of the MessagePack specification.</summary>
public enum MessagePackKind
{
    /// <summary>Nil.</summary>
    Nil,
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>An integer of any width.</summary>
    Integer,
    /// <summary>A float32 or float64.</summary>
    Float,
    /// <summary>UTF-8 text.</summary>
    String,
    /// <summary>Bytes.</summary>
    Binary,
    /// <summary>A count, then that many values.</summary>
    Array,
    /// <summary>A count, then that many pairs of key and value.</summary>
    Map,
    /// <summary>A typed run of bytes; a timestamp is one.</summary>
    Extension,
    /// <summary>The format byte 0xc1, which no valid document contains.</summary>
    Reserved,
}
