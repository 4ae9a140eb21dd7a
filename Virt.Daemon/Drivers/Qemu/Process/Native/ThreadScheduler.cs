using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Process.Native;

/// <summary>Says where and how the kernel runs a thread (sched_setaffinity(2), sched_setscheduler(2)).</summary>
internal static unsafe partial class ThreadScheduler
{
    private const int NoSuchProcess = 3;

    /// <summary>Binds a thread to processors; false when it has ended.</summary>
    public static bool Pin(int thread, IEnumerable<int> processors)
    {
        var mask = new byte[2048];
        foreach (int processor in processors)
            mask[processor / 8] |= (byte)(1 << (processor % 8));
        fixed (byte* bits = mask)
            return Check(SetAffinity(thread, (nuint)mask.Length, bits), $"thread {thread} cannot be bound to its processors (sched_setaffinity)");
    }

    /// <summary>Gives a thread a scheduler; false when it has ended.</summary>
    public static bool Schedule(int thread, int policy, int priority) =>
        Check(SetScheduler(thread, policy, &priority), $"thread {thread} cannot have its scheduler (sched_setscheduler)");

    private static bool Check(int result, string message) =>
        result == 0 || (Marshal.GetLastPInvokeError() == NoSuchProcess ? false : throw LibC.LastError(message));

    [LibraryImport(LibC.Name, EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int pid, nuint size, byte* mask);

    [LibraryImport(LibC.Name, EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int pid, int policy, int* priority);
}
