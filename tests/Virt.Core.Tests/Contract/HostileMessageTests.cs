using System.Buffers.Binary;
using Virt.Domains;
using Virt.Errors;
using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Tests.Core.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>Whatever a peer sends, codecs and procedures fail only in the documented way.</summary>
public class HostileMessageTests
{
    [Theory]
    [MemberData(nameof(WireCodec.RecordNames), MemberType = typeof(WireCodec))]
    public void A_cut_record_is_the_end_of_data(string record)
    {
        var codec = WireCodec.Of(record);
        byte[] data = codec.Write(Samples.Record(codec.Record, SampleKind.Full));
        for (int length = 0; length < data.Length; length++)
        {
            var e = Assert.Throws<PackException>(() => codec.Read(data.AsMemory(0, length)));
            Assert.Equal(PackFailure.EndOfData, e.Kind);
        }
    }

    [Theory]
    [MemberData(nameof(WireCodec.RecordNames), MemberType = typeof(WireCodec))]
    public void A_mutated_record_is_read_or_refused(string record)
    {
        var codec = WireCodec.Of(record);
        var random = new Random(17);
        byte[] whole = codec.Write(Samples.Record(codec.Record, SampleKind.Full));
        for (int i = 0; i < 2000; i++)
        {
            byte[] data = Mutate(random, whole);
            try
            {
                var reader = new PackReader(data);
                reader.Skip();
                codec.Read(data.AsMemory(0, reader.Consumed));
            }
            catch (PackException)
            {
                // The one failure there may be.
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contracts.ProcedureNames), MemberType = typeof(Contracts))]
    public async Task Mutated_arguments_are_taken_or_an_invalid_argument(string name)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        object target = Target.Of(procedure.Contract, SampleKind.Least).Contract;
        var caller = new Loopback(target);
        await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, caller), Samples.Arguments(method, SampleKind.Full));
        var random = new Random(19);
        for (int i = 0; i < 300; i++)
        {
            var call = new IncomingCall(Mutate(random, caller.Arguments));
            try
            {
                await procedure.Invoke(target, call, TestContext.Current.CancellationToken);
                Assert.Equal(1, call.Answers);
            }
            catch (VirtException e)
            {
                Assert.Equal(VirtErrorCode.InvalidArgument, e.Code);
                Assert.Contains(name, e.Message, StringComparison.Ordinal);
                Assert.Equal(0, call.Answers);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contracts.ProcedureNames), MemberType = typeof(Contracts))]
    public async Task What_is_no_argument_array_is_an_invalid_argument(string name)
    {
        var procedure = Contracts.Procedure(name);
        object target = Target.Of(procedure.Contract, SampleKind.Least).Contract;
        foreach (string hex in (string[])["", "c0", "c1", "80", "a0", "dd7fffffff", "9fc0", new string('9', 200).Replace("9", "91", StringComparison.Ordinal)])
        {
            var call = new IncomingCall(Convert.FromHexString(hex));
            var e = await Assert.ThrowsAsync<VirtException>(async () => await procedure.Invoke(target, call, TestContext.Current.CancellationToken));
            Assert.Equal(VirtErrorCode.InvalidArgument, e.Code);
            Assert.Equal(0, call.Answers);
        }
    }

    [Fact]
    public async Task Bytes_behind_the_argument_array_are_refused()
    {
        var procedure = Contracts.Procedure("GetHost");
        object target = Target.Of(procedure.Contract, SampleKind.Least).Contract;
        await Assert.ThrowsAsync<VirtException>(async () => await procedure.Invoke(target, new IncomingCall([0x90, 0xc0]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_announced_list_costs_nothing_until_its_elements_arrive()
    {
        // As many bytes as elements are there; the first one is refused.
        byte[] data = new byte[RpcLimits.Elements + 5];
        data[0] = 0xdd;
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(1), RpcLimits.Elements);
        static bool Read(ref PackReader reader) =>
            WireCollection.ReadList<DomainRecord>(ref reader, DomainRecordCodec.Read).Count > 0;
        Assert.Equal(PackFailure.BadData, Pack.Failure<bool>(data, Read));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(PackFailure.BadData, Pack.Failure<bool>(data, Read));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    private static byte[] Mutate(Random random, byte[] whole)
    {
        var data = whole.ToList();
        for (int edits = random.Next(1, 4); edits > 0 && data.Count > 0; edits--)
        {
            int at = random.Next(data.Count);
            switch (random.Next(4))
            {
                case 0:
                    data.RemoveAt(at);
                    break;
                case 1:
                    data.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    data[at] = (byte)random.Next(0xc0, 0xe0);
                    break;
                default:
                    data[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. data];
    }
}
