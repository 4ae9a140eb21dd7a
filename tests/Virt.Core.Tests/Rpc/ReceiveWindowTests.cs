using Virt.Rpc;
using Virt.Rpc.Streams;

namespace Virt.Tests.Core.Rpc;

public sealed class ReceiveWindowTests
{
    [Fact]
    public void Bytes_come_out_as_they_went_in_however_they_are_cut()
    {
        Random random = new(7);
        using ReceiveWindow window = new();
        byte next = 0, expected = 0;
        int allowed = RpcLimits.StreamWindow;
        byte[] chunk = new byte[RpcLimits.StreamChunk];
        bool same = true;
        for (int i = 0; i < 5000; i++)
        {
            int length = Math.Min(random.Next(1, chunk.Length), allowed);
            if (length > 0)
            {
                for (int at = 0; at < length; at++)
                    chunk[at] = next++;
                Assert.True(window.TryAdd(chunk.AsSpan(0, length)));
                allowed -= length;
            }

            byte[] room = new byte[random.Next(1, 100_000)];
            int count = window.Take(room);
            for (int at = 0; at < count; at++)
                same &= expected++ == room[at];
            Assert.True(same, $"a byte of round {i} is another one");
            allowed += window.TakeGrant();
        }
    }

    [Fact]
    public void More_than_the_credit_is_refused_to_the_byte()
    {
        using ReceiveWindow window = new();
        byte[] chunk = new byte[RpcLimits.StreamChunk];
        for (int left = RpcLimits.StreamWindow; left > 0; left -= chunk.Length)
            Assert.True(window.TryAdd(chunk));
        Assert.False(window.TryAdd([1]));
        Assert.Equal(1, window.Take(new byte[1]));
        Assert.False(window.TryAdd([1]));
    }

    [Fact]
    public void Credit_comes_back_for_what_was_read_and_not_before_it_is_worth_a_frame()
    {
        using ReceiveWindow window = new();
        byte[] chunk = new byte[RpcLimits.StreamChunk];
        for (int i = 0; i < 4; i++)
            Assert.True(window.TryAdd(chunk));
        Assert.Equal(chunk.Length, window.Take(chunk));
        Assert.Equal(0, window.TakeGrant());
        Assert.Equal(chunk.Length, window.Take(chunk));
        Assert.Equal(2 * chunk.Length, window.TakeGrant());
        Assert.Equal(0, window.TakeGrant());
        Assert.True(window.TryAdd(chunk));
        Assert.True(window.TryAdd(chunk));
        Assert.False(window.TryAdd([1]));
    }
}
