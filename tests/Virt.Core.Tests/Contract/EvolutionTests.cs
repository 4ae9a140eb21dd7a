using Virt.Errors;
using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Tests.Core.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>A record as a first version had it.</summary>
[Wire]
public sealed record FirstVersion(string Name, Color Color);

/// <summary>The same record two versions later.</summary>
[Wire]
public sealed record LaterVersion(
    string Name, Color Color, int Weight = 7, string Unit = "kg", string? Note = null, Color Border = Color.Green, double Scale = 1.5,
    long Big = -5_000_000_000, bool Solid = true, Guid Id = default, int? Limit = 3);

/// <summary>An enum with gaps.</summary>
public enum Color
{
    /// <summary>Red.</summary>
    Red = 1,
    /// <summary>Green.</summary>
    Green = 2,
}

public class EvolutionTests
{
    [Fact]
    public void Missing_positions_take_the_defaults_of_the_record()
    {
        byte[] old = Loopback.Write(new FirstVersion("a", Color.Red), FirstVersionCodec.Write);
        Assert.Equal(new LaterVersion("a", Color.Red), Pack.Value(old, LaterVersionCodec.Read));
    }

    [Fact]
    public void Unknown_positions_are_skipped_however_nested()
    {
        byte[] later = Loopback.Write(new LaterVersion("a", Color.Green, Note: "n"), LaterVersionCodec.Write);
        Assert.Equal(new FirstVersion("a", Color.Green), Pack.Value(later, FirstVersionCodec.Read));
        Assert.Equal(new FirstVersion("a", Color.Green), Pack.Value("94a1610281a16b93c0c2d4010192c3c0", FirstVersionCodec.Read));
    }

    [Fact]
    public void Unknown_enum_values_survive()
    {
        var value = new FirstVersion("a", (Color)1234);
        Assert.Equal(value, Pack.Value(Loopback.Write(value, FirstVersionCodec.Write), FirstVersionCodec.Read));
    }

    [Theory]
    [InlineData("90", "Name is missing")] // no name, and no default for it
    [InlineData("92c001", "found nil")] // a null name
    [InlineData("c0", "found nil")] // no record at all
    [InlineData("92a161a162", "expected an integer")]
    [InlineData("92a161cf0000000100000000", "does not fit")] // no 32-bit enum
    public void What_the_record_cannot_be_is_bad_data(string hex, string message)
    {
        var e = Assert.Throws<PackException>(() => Pack.Value(hex, FirstVersionCodec.Read));
        Assert.Equal(PackFailure.BadData, e.Kind);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WireCodec.RecordNames), MemberType = typeof(WireCodec))]
    public void Every_record_skips_what_a_newer_peer_appends_and_takes_what_an_older_one_left_out(string record)
    {
        var codec = WireCodec.Of(record);
        object value = Samples.Record(codec.Record, SampleKind.Full);
        byte[] data = codec.Write(value);
        var positions = Assert.IsType<object?[]>(Pack.Value(data, Document.Read));
        object?[] longer = [.. positions, "new", new object?[] { 1L, new object?[] { null } }];
        Assert.Equal(Samples.Text(value), Samples.Text(codec.Read(Pack.Bytes((ref w) => Document.Write(ref w, longer)))));
        for (int length = 0; length < positions.Length; length++)
        {
            byte[] shorter = Pack.Bytes((ref w) => Document.Write(ref w, positions[..length]));
            try
            {
                codec.Read(shorter);
            }
            catch (PackException e)
            {
                Assert.Equal(PackFailure.BadData, e.Kind);
                Assert.Contains("is missing", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contracts.ProcedureNames), MemberType = typeof(Contracts))]
    public async Task Every_call_skips_arguments_that_a_newer_caller_appends(string name)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        var (recorder, target) = Target.Of(procedure.Contract, SampleKind.Full);
        var caller = new Loopback(target);
        await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, caller), Samples.Arguments(method, SampleKind.Full));
        var known = recorder.Arguments;
        var arguments = Assert.IsType<object?[]>(Pack.Value(caller.Arguments, Document.Read));
        byte[] longer = Pack.Bytes((ref w) => Document.Write(ref w, (object?[])[.. arguments, "new", new object?[] { 1L }]));

        var call = new IncomingCall(longer);
        await procedure.Invoke(target, call, TestContext.Current.CancellationToken);

        Assert.Equal(1, call.Answers);
        Assert.Equal(
            known.Where(argument => argument is not Delegate and not CancellationToken).Select(Samples.Text),
            recorder.Arguments.Where(argument => argument is not Delegate and not CancellationToken).Select(Samples.Text));
    }

    [Fact]
    public async Task A_missing_argument_takes_its_types_default_and_a_missing_text_is_an_error_that_names_the_procedure()
    {
        var create = Contracts.Procedure("CreateDomain");
        var (recorder, target) = Target.Of(create.Contract, SampleKind.Full);
        await create.Invoke(target, new IncomingCall([0x91, 0xa1, (byte)'x']), TestContext.Current.CancellationToken);
        Assert.Equal("x", recorder.Arguments[0]);
        Assert.Equal(Virt.Domains.StartOptions.None, recorder.Arguments[1]);

        var e = await Assert.ThrowsAsync<VirtException>(async () => await create.Invoke(target, new IncomingCall([0x90]), TestContext.Current.CancellationToken));
        Assert.Equal(VirtErrorCode.InvalidArgument, e.Code);
        Assert.Contains("CreateDomain", e.Message, StringComparison.Ordinal);
        Assert.Contains("xml", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.RecommendedAction);
    }
}
