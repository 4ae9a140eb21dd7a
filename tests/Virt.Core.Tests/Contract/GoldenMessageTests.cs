using System.Text;
using Virt.Tests.Core.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>
/// The bytes of every record and of every procedure's argument array, held in golden.txt. A message changes only by appending
/// positions; then its line is replaced. Any other difference breaks peers of other versions.
/// </summary>
public class GoldenMessageTests
{
    private static readonly IReadOnlyDictionary<string, string> Golden = Load();

    public static TheoryData<string, SampleKind> RecordCases => new(
        WireCodec.Records.SelectMany(record => new[] { SampleKind.Full, SampleKind.Least }.Select(kind => (record.FullName!, kind))));

    [Theory]
    [MemberData(nameof(RecordCases))]
    public void A_record_keeps_its_bytes(string record, SampleKind kind)
    {
        var codec = WireCodec.Of(record);
        Check($"record {record} {kind}", codec.Write(Samples.Record(codec.Record, kind)));
    }

    [Theory]
    [MemberData(nameof(Contracts.ProcedureNames), MemberType = typeof(Contracts))]
    public async Task A_call_keeps_its_bytes(string name)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        var caller = new Loopback(Target.Of(procedure.Contract, SampleKind.Full).Contract);
        await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, caller), Samples.Arguments(method, SampleKind.Full));
        Assert.Equal(procedure.Id, caller.Called);
        Check($"call {procedure.Id.Program}.{procedure.Id.Version} {procedure.Id.Number} {name}", caller.Arguments);
    }

    [Fact]
    public void Nothing_golden_has_vanished()
    {
        var known = WireCodec.Records.SelectMany(record => new[] { $"record {record.FullName} Full", $"record {record.FullName} Least" })
            .Concat(Contracts.Procedures.Select(p => $"call {p.Id.Program}.{p.Id.Version} {p.Id.Number} {p.Name}"));
        Assert.Empty(Golden.Keys.Except(known));
    }

    private static void Check(string key, byte[] data)
    {
        string line = $"{key} {Convert.ToHexStringLower(data)}";
        if (!Golden.TryGetValue(key, out string? golden))
            Assert.Fail($"New message; add this line to golden.txt:\n{line}");
        if (golden == Convert.ToHexStringLower(data))
            return;
        Assert.Fail(Extends(Pack.Value(golden, Document.Read), Pack.Value(data, Document.Read))
            ? $"Positions were appended; replace the line in golden.txt:\n{line}"
            : $"The message changed other than by appending, which breaks peers of other versions.\nwas {key} {golden}\nnow {line}");
    }

    /// <summary>Whether all that was there before stands where it stood, here and in nested records.</summary>
    private static bool Extends(object? before, object? now) => (before, now) switch
    {
        (object?[] old, object?[] grown) => grown.Length >= old.Length && old.Zip(grown).All(pair => Extends(pair.First, pair.Second)),
        _ => Document.Same(before, now),
    };

    private static Dictionary<string, string> Load()
    {
        using var stream = typeof(GoldenMessageTests).Assembly.GetManifestResourceStream("golden.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => line[(line.LastIndexOf(' ') + 1)..], StringComparer.Ordinal);
    }
}
