using System.Buffers;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

public class RoundTripTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_documents_come_back_as_they_were(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 50; i++)
        {
            object? document = Document.Random(random, 3);
            byte[] data = Pack.Bytes((ref w) => Document.Write(ref w, document));
            object? back = Pack.Value(data, Document.Read);
            Assert.True(Document.Same(document, back));
            Assert.Equal(data, Pack.Bytes((ref w) => Document.Write(ref w, back)));
            Pack.Value(data, Pack.Skip);
        }
    }

    [Fact]
    public void A_buffer_that_gives_little_at_a_time_gets_the_same_bytes()
    {
        var random = new Random(5);
        for (int i = 0; i < 50; i++)
        {
            object? document = Document.Random(random, 2);
            var miser = new MiserlyBuffer();
            var writer = new PackWriter(miser);
            Document.Write(ref writer, document);
            writer.Flush();
            Assert.Equal(Pack.Bytes((ref w) => Document.Write(ref w, document)), miser.Written);
        }
    }

    [Fact]
    public void Raw_bytes_and_what_is_flushed_keep_their_order()
    {
        byte[] raw = Pack.Bytes((ref w) => w.Write(new string('r', 1000)));
        byte[] data = Pack.Bytes((ref w) =>
        {
            w.WriteArrayHeader(3);
            w.Write(1);
            w.Flush();
            w.WriteRaw(raw);
            w.Write(true);
        });
        Pack.Value(data, (ref r) =>
        {
            Assert.Equal(3, r.ReadArrayHeader());
            Assert.Equal(1, r.ReadInt32());
            Assert.Equal(1000, r.ReadString().Length);
            return r.ReadBoolean();
        });
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character()
    {
        string back = Pack.Value(Pack.Bytes((ref w) => w.Write("a\ud800b")), (ref r) => r.ReadString());
        Assert.Equal("a\ufffdb", back);
    }

    [Fact]
    public void Negative_counts_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Pack.Bytes((ref w) => w.WriteArrayHeader(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pack.Bytes((ref w) => w.WriteMapHeader(-1)));
    }

    /// <summary>Never gives a byte more than it was asked for.</summary>
    private sealed class MiserlyBuffer : IBufferWriter<byte>
    {
        private byte[] _next = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_next.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _next = new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
