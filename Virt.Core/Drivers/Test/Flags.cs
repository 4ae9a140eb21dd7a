namespace Virt.Drivers.Test;

/// <summary>Refuses option bits and values that this version does not know; libvirt's code for them is 8.</summary>
internal static class Flags
{
    public static void Check<T>(T given, T known)
        where T : struct, Enum
    {
        int unknown = Convert.ToInt32(given, null) & ~Convert.ToInt32(known, null);
        if (unknown != 0)
            throw TestErrors.UnknownFlags(typeof(T).Name, unknown);
    }

    public static void CheckDefined<T>(T given)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(given))
            throw TestErrors.UnknownFlags(typeof(T).Name, Convert.ToInt32(given, null));
    }
}
