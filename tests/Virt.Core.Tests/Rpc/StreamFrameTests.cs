using Virt.Errors;
using Virt.Rpc;
using Virt.Rpc.Streams;

namespace Virt.Tests.Core.Rpc;

public sealed class StreamFrameTests
{
    private static readonly FrameHeader Header = new(new(1, 1, 90), FrameType.Stream, 5);

    [Fact]
    public void A_body_is_data_end_or_credit()
    {
        StreamFrame data = StreamFrame.Read(Header, (byte[])[0xc4, 2, 7, 8]);
        Assert.Equal(StreamFrameKind.Data, data.Kind);
        Assert.Equal([7, 8], data.Data.ToArray());
        Assert.Equal(StreamFrameKind.End, StreamFrame.Read(Header, (byte[])[0xc0]).Kind);
        StreamFrame credit = StreamFrame.Read(Header, (byte[])[0xcd, 1, 0]);
        Assert.Equal((StreamFrameKind.Credit, 256), (credit.Kind, credit.Credit));
    }

    [Fact]
    public void With_the_status_error_it_is_an_error_record()
    {
        StreamFrame frame = StreamFrame.Read(Header with { Status = FrameStatus.Error }, (byte[])[0x94, 78, 0xa1, (byte)'x', 0xc0, 0xc0]);
        Assert.Equal(StreamFrameKind.Error, frame.Kind);
        Assert.Equal(new ErrorRecord(VirtErrorCode.OperationAborted, "x"), frame.Error);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("no bytes", "c400")]
    [InlineData("bytes that are missing", "c405 01")]
    [InlineData("no credit", "00")]
    [InlineData("credit taken away", "ff")]
    [InlineData("credit beyond an integer", "cf ffffffffffffffff")]
    [InlineData("text", "a178")]
    [InlineData("an array", "90")]
    [InlineData("a map", "80")]
    [InlineData("a boolean", "c3")]
    [InlineData("the byte that is never used", "c1")]
    [InlineData("something behind it", "c0 c0")]
    [InlineData("something behind the data", "c40101 01")]
    public void Everything_else_is_a_breach_of_the_protocol(string what, string body)
    {
        Assert.NotNull(what);
        byte[] bytes = Convert.FromHexString(body.Replace(" ", "", StringComparison.Ordinal));
        Assert.Throws<InvalidDataException>(() => StreamFrame.Read(Header, bytes).Kind);
    }

    [Theory]
    [InlineData(RpcLimits.StreamChunk, true)]
    [InlineData(RpcLimits.StreamChunk + 1, false)]
    public void A_frame_carries_at_most_a_chunk(int length, bool taken)
    {
        byte[] body = [0xc6, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. new byte[length]];
        if (taken)
            Assert.Equal(length, StreamFrame.Read(Header, body).Data.Length);
        else
            Assert.Throws<InvalidDataException>(() => StreamFrame.Read(Header, body).Kind);
    }

    [Fact]
    public void The_status_of_a_reply_or_a_broken_error_is_a_breach_too()
    {
        Assert.Throws<InvalidDataException>(() => StreamFrame.Read(Header with { Status = FrameStatus.Continue }, (byte[])[0xc0]).Kind);
        Assert.Throws<InvalidDataException>(() => StreamFrame.Read(Header with { Status = FrameStatus.Error }, (byte[])[0xc0]).Kind);
    }
}
