using System.Runtime.CompilerServices;
using Virt.Rpc;
using Xunit;

namespace Virt.Tests.Core.Rpc;

public sealed class LargeArraysTests
{
    private const int Above = 1024;
    private readonly LargeArrays _arrays = new(Above);

    [Theory]
    [InlineData(Above + 1, 2048)]
    [InlineData(2048, 2048)]
    [InlineData(2049, 4096)]
    [InlineData(5_000_000, 8 * 1024 * 1024)]
    public void Its_length_is_the_next_power_of_two(int size, int length) => Assert.Equal(length, _arrays.Rent(size).Length);

    [Fact]
    public void One_that_came_back_serves_again_for_one_only()
    {
        byte[] first = _arrays.Rent(3000);
        _arrays.Return(first);
        byte[] again = _arrays.Rent(4000);
        Assert.Same(first, again);
        Assert.NotSame(again, _arrays.Rent(4000));
        Assert.NotSame(again, _arrays.Rent(2000));
    }

    [Fact]
    public void What_is_remembered_is_not_kept_from_the_collector()
    {
        WeakReference remembered = Remember(_arrays);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        Assert.False(remembered.IsAlive);
        Assert.Equal(4096, _arrays.Rent(4096).Length);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Remember(LargeArrays arrays)
        {
            byte[] array = arrays.Rent(4096);
            arrays.Return(array);
            return new WeakReference(array);
        }
    }

    [Fact]
    public void Nobody_gets_what_another_still_has()
    {
        Parallel.For(0, 20_000, worker =>
        {
            byte[] array = _arrays.Rent(2048);
            byte mark = (byte)worker;
            array.AsSpan().Fill(mark);
            Assert.Equal(-1, array.AsSpan().IndexOfAnyExcept(mark));
            _arrays.Return(array);
        });
    }
}
