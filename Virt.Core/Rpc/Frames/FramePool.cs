using System.Buffers;

namespace Virt.Rpc;

/// <summary>Arrays for frames: those of usual size are pooled, of large ones no more is kept than the collector leaves.</summary>
internal static class FramePool
{
    // The largest array of usual size, in bytes.
    private const int Usual = 256 * 1024;

    private static readonly LargeArrays Large = new(Usual);

    /// <summary>An array of at least that many bytes; what it holds is undefined.</summary>
    public static byte[] Rent(int size) => size <= Usual ? ArrayPool<byte>.Shared.Rent(size) : Large.Rent(size);

    /// <summary>Takes an array back that nobody uses any more.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length > Usual)
            Large.Return(array);
        else if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
    }
}
