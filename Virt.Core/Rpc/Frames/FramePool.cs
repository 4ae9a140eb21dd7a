using System.Buffers;

namespace Virt.Rpc;

/// <summary>
/// Arrays for frames. Those of usual size are used again; large ones are left to the collector, as a pool would keep them long
/// after the one message that needed them.
/// </summary>
internal static class FramePool
{
    private const int LargestKept = 256 * 1024;

    /// <summary>An array of at least that many bytes; what it holds is undefined.</summary>
    public static byte[] Rent(int size) =>
        size <= LargestKept ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Takes an array back that nobody uses any more.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestKept)
            ArrayPool<byte>.Shared.Return(array);
    }
}
