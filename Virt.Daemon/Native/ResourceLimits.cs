using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>The limits that the daemon has itself, which none of its processes can have more of (getrlimit(2)).</summary>
internal static unsafe partial class ResourceLimits
{
    private const int Cpu = 0;
    private const int OpenFiles = 7;
    private const int AddressSpace = 9;

    /// <summary>The most processor time, in seconds.</summary>
    public static long MostSeconds => Most(Cpu);

    /// <summary>The most descriptors.</summary>
    public static long MostOpenFiles => Most(OpenFiles);

    /// <summary>The most memory that can be mapped, in bytes.</summary>
    public static long MostAddressSpace => Most(AddressSpace);

    // RLIM_INFINITY is the largest number there is.
    private static long Most(int resource)
    {
        ulong* limit = stackalloc ulong[2];
        return GetLimit(resource, limit) == 0 ? (long)Math.Min(limit[1], long.MaxValue) : long.MaxValue;
    }

    [LibraryImport(LibC.Name, EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limit);
}
