using System.Numerics;

namespace Virt.Rpc;

/// <summary>
/// Remembers one large array of each size, a power of two, until the collector takes it. A pool would keep it long after the one
/// message that needed it; a new one for each message is what makes the collector look at the whole heap.
/// </summary>
/// <param name="above">All arrays are longer than this, a power of two.</param>
internal sealed class LargeArrays(int above)
{
    private const int Largest = 1 << 30;
    private readonly WeakReference<byte[]>?[] _remembered = new WeakReference<byte[]>?[BitOperations.Log2(Largest) - BitOperations.Log2((uint)above)];

    /// <summary>An array of at least that many bytes; what it holds is undefined.</summary>
    public byte[] Rent(int size)
    {
        if (size > Largest)
            return GC.AllocateUninitializedArray<byte>(size);
        int whole = (int)BitOperations.RoundUpToPowerOf2((uint)size);
        return Interlocked.Exchange(ref _remembered[Slot(whole)], null) is { } remembered && remembered.TryGetTarget(out byte[]? array)
            ? array
            : GC.AllocateUninitializedArray<byte>(whole);
    }

    /// <summary>Takes an array back that nobody uses any more.</summary>
    public void Return(byte[] array)
    {
        if (array.Length <= Largest)
            Volatile.Write(ref _remembered[Slot(array.Length)], new WeakReference<byte[]>(array));
    }

    private int Slot(int whole) => BitOperations.Log2((uint)whole) - BitOperations.Log2((uint)above) - 1;
}
