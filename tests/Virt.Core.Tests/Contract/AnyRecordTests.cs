using CsCheck;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>Any instance of any record comes back as it was, and no byte less is taken for it.</summary>
public class AnyRecordTests
{
    private const int Tries = 30;

    public static TheoryData<string> Records => WireCodec.RecordNames;

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_comes_back(string record) => ComesBack(WireCodec.Of(record), Tries);

    [Fact]
    public void Every_type_that_travels_comes_back() => ComesBack(WireCodec.Of(typeof(Everything)), 10 * Tries);

    [Fact]
    public void A_record_within_itself_comes_back() => ComesBack(WireCodec.Of(typeof(Chain)), Tries);

    private static void ComesBack(WireCodec codec, int tries) => RecordGen.Of(codec.Record).Sample(value =>
    {
        byte[] data = codec.Write(value!);
        object back = codec.Read(data);
        Assert.Equal(Samples.Text(value), Samples.Text(back));
        Assert.Equal(data, codec.Write(back));
        Assert.Equal(PackFailure.EndOfData, Assert.Throws<PackException>(() => codec.Read(data.AsMemory(0, data.Length - 1))).Kind);
    }, iter: tries);
}
