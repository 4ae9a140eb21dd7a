namespace Virt.Fuzz.Engine;

/// <summary>An input had a result that it must not have.</summary>
internal sealed class FuzzViolation(string message) : Exception(message)
{
    /// <summary>Throws when a property does not hold.</summary>
    public static void Unless(bool holds, string message)
    {
        if (!holds)
            throw new FuzzViolation(message);
    }
}
