using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>Arrays with fixed positions, as generated codecs read them.</summary>
internal static class WireArray
{
    /// <summary>Reads the count and goes one level deeper.</summary>
    public static int Begin(ref PackReader reader)
    {
        reader.Enter();
        return reader.ReadArrayHeader();
    }

    /// <summary>Skips the positions beyond those that are known, and comes back.</summary>
    public static void End(ref PackReader reader, int count, int known)
    {
        reader.Skip(count - known);
        reader.Leave();
    }

    /// <summary>The failure for an array that is too short for a position without a default.</summary>
    public static PackException Missing(string owner, string name) =>
        new(PackFailure.BadData, $"{owner} is too short: {name} is missing");
}
