using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

public class HostileInputTests
{
    [Fact]
    public void Every_cut_of_a_document_is_the_end_of_data()
    {
        object? document = new object?[]
        {
            null, true, 1L, -1L, 300L, 70_000L, 5_000_000_000L, -200L, -40_000L, -3_000_000_000L, ulong.MaxValue, 1.5, "short",
            new string('x', 40), new string('é', 200), new byte[300], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(7),
            DateTimeOffset.MinValue, new Extension(3, "010203"), Enumerable.Repeat<object?>(2L, 20).ToArray(),
            new List<KeyValuePair<object?, object?>> { KeyValuePair.Create<object?, object?>("k", new object?[] { "v" }) },
        };
        byte[] data = Pack.Bytes((ref w) => Document.Write(ref w, document));
        for (int length = 0; length < data.Length; length++)
        {
            // The bytes behind the cut are there in memory; reading them would make the value whole.
            Assert.Equal(PackFailure.EndOfData, Pack.Failure(data.AsMemory(0, length), Pack.Skip));
            Assert.Equal(PackFailure.EndOfData, Pack.Failure(data.AsMemory(0, length), Document.Read));
        }

        Pack.Value(data, Document.Read);
    }

    [Theory]
    [InlineData("dc")]
    [InlineData("dcffff")]
    [InlineData("ddffffffff")]
    [InlineData("dd7fffffff")]
    [InlineData("deffff")]
    [InlineData("dfffffffff")]
    [InlineData("df80000000")]
    [InlineData("df00000001c0")]
    [InlineData("dbffffffff")]
    [InlineData("db7fffffff61")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff01")]
    [InlineData("c9ffffffff")]
    [InlineData("9f")]
    [InlineData("8f01020304")]
    public void Claims_beyond_the_data_fail_before_anything_is_allocated(string hex)
    {
        byte[] data = Convert.FromHexString(hex);
        Assert.Equal(PackFailure.EndOfData, Pack.Failure(data, Document.Read)); // also warms up what the failure itself needs
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(PackFailure.EndOfData, Pack.Failure(data, Document.Read));
        Assert.Equal(PackFailure.EndOfData, Pack.Failure(data, Pack.Skip));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Theory]
    [InlineData("91", "90")]
    [InlineData("81c0", "80")]
    public void Nesting_is_bounded(string open, string innermost)
    {
        string allowed = string.Concat(Enumerable.Repeat(open, RpcLimits.Depth - 1)) + innermost;
        Pack.Value(allowed, Pack.Skip);
        Pack.Value(allowed, Document.Read);
        Assert.Equal(PackFailure.BadData, Pack.Failure(open + allowed, Pack.Skip));
        Assert.Equal(PackFailure.BadData, Pack.Failure(open + allowed, Document.Read));
    }

    [Fact]
    public void A_megabyte_of_opened_arrays_does_not_exhaust_the_stack()
    {
        byte[] data = [.. Enumerable.Repeat((byte)0x91, 1 << 20)];
        Assert.Equal(PackFailure.BadData, Pack.Failure(data, Pack.Skip));
        Assert.Equal(PackFailure.BadData, Pack.Failure(data, Document.Read));
    }

    [Fact]
    public void Skip_counts_from_the_depth_it_is_called_at()
    {
        byte[] data = Convert.FromHexString(string.Concat(Enumerable.Repeat("91", 63)) + "90");
        var reader = new PackReader(data);
        reader.Enter();
        try
        {
            reader.Skip();
            Assert.Fail("too deep, yet skipped");
        }
        catch (PackException e)
        {
            Assert.Equal(PackFailure.BadData, e.Kind);
        }

        reader = new PackReader(data);
        reader.Enter();
        reader.Leave();
        reader.Skip();
        Assert.True(reader.IsEnd);
    }

    [Theory]
    [InlineData("a1ff")] // never valid
    [InlineData("a2c080")] // overlong nul
    [InlineData("a1c3")] // half a character
    [InlineData("a3eda080")] // a surrogate
    [InlineData("a4f4908080")] // beyond U+10FFFF
    public void Text_that_is_not_utf8_is_refused(string hex)
    {
        Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadString()));
        Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadNullableString()));
    }

    [Fact]
    public void Random_bytes_and_mutations_only_ever_give_the_documented_failure()
    {
        var random = new Random(11);
        byte[] seed = Pack.Bytes((ref w) => Document.Write(ref w, Enumerable.Range(0, 8).Select(_ => (object?)"text").ToArray()));
        for (int i = 0; i < 20_000; i++)
        {
            byte[] data;
            if (i % 2 == 0)
            {
                data = new byte[random.Next(64)];
                random.NextBytes(data);
            }
            else
            {
                data = [.. seed];
                for (int flips = random.Next(1, 4); flips > 0; flips--)
                    data[random.Next(data.Length)] = (byte)random.Next(256);
            }

            bool skipped = Survives(data, Pack.Skip);
            bool read = Survives(data, Document.Read);
            Assert.False(read && !skipped, "read, but not skipped: " + Convert.ToHexStringLower(data));
        }
    }

    [Fact]
    public void The_message_says_what_was_expected_and_where()
    {
        var e = Assert.Throws<PackException>(() => Pack.Value("c0a161", (ref r) =>
        {
            r.ReadNil();
            return r.ReadInt32();
        }));
        Assert.Equal("expected an integer, found a string (at byte 1)", e.Message);
    }

    private static bool Survives<T>(byte[] data, Pack.Read<T> read)
    {
        try
        {
            var reader = new PackReader(data);
            read(ref reader);
            Assert.InRange(reader.Consumed, 1, data.Length);
            return true;
        }
        catch (PackException)
        {
            return false;
        }
    }
}
