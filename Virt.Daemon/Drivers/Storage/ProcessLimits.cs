using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Limits of a child process (prlimit(2)).</summary>
internal static partial class ProcessLimits
{
    private const int Processor = 0;
    private const int Core = 4;
    private const int AddressSpace = 9;
    private const ulong ProcessorSeconds = 60;
    private const ulong AddressSpaceBytes = 2UL << 30;

    /// <summary>Bounds processor time and memory of a process, and has it leave no core file.</summary>
    public static void Apply(int pid)
    {
        // A process that has ended needs none: no failure matters.
        Set(pid, AddressSpace, AddressSpaceBytes);
        Set(pid, Processor, ProcessorSeconds);
        Set(pid, Core, 0);
    }

    private static void Set(int pid, int resource, ulong value)
    {
        var limit = new Limit { Soft = value, Hard = value };
        _ = SetLimit(pid, resource, in limit, 0);
    }

    [LibraryImport(LibC.Name, EntryPoint = "prlimit64")]
    private static partial int SetLimit(int pid, int resource, in Limit value, nint old);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
