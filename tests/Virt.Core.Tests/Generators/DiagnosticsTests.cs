using System.Globalization;

namespace Virt.Tests.Core.Generators;

/// <summary>Each mistake in a contract is reported where it stands, in words that say how it is put right.</summary>
public class DiagnosticsTests
{
    [Theory]
    [InlineData("VIRT002", "I.GetAsync", "ValueTask GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT003", "-1", "[Procedure(-1, Access.Read)] ValueTask GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT003", "number 0", "[Procedure(0, Access.Read)] ValueTask GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT004", "parameter value of I.GetAsync is of type object", "[Procedure(1, Access.Read)] ValueTask GetAsync(object value, CancellationToken cancel);")]
    [InlineData("VIRT004", "decimal", "[Procedure(1, Access.Read)] ValueTask GetAsync(decimal value, CancellationToken cancel);")]
    [InlineData("VIRT004", "List<int>", "[Procedure(1, Access.Read)] ValueTask GetAsync(List<int> value, CancellationToken cancel);")]
    [InlineData("VIRT004", "of its elements", "[Procedure(1, Access.Read)] ValueTask GetAsync(IReadOnlyList<object> value, CancellationToken cancel);")]
    [InlineData("VIRT004", "IReadOnlyDictionary<int, int>", "[Procedure(1, Access.Read)] ValueTask GetAsync(IReadOnlyDictionary<int, int> value, CancellationToken cancel);")]
    [InlineData("VIRT004", "by reference", "[Procedure(1, Access.Read)] ValueTask GetAsync(in int value, CancellationToken cancel);")]
    [InlineData("VIRT004", "the result of I.GetAsync", "[Procedure(1, Access.Read)] ValueTask<object> GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT004", "the event of I.GetAsync", "[Procedure(1, Access.Read)] ValueTask<IAsyncDisposable> GetAsync(Action<object> handler, CancellationToken cancel);")]
    [InlineData("VIRT006", "I.GetAsync", "[Procedure(1, Access.Read)] ValueTask GetAsync();")]
    [InlineData("VIRT006", "last", "[Procedure(1, Access.Read)] ValueTask GetAsync(CancellationToken cancel, int value);")]
    [InlineData("VIRT006", "once", "[Procedure(1, Access.Read)] ValueTask GetAsync(CancellationToken first, CancellationToken second);")]
    [InlineData("VIRT007", "Task", "[Procedure(1, Access.Read)] Task GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT007", "void", "[Procedure(1, Access.Read)] void Get(CancellationToken cancel);")]
    [InlineData("VIRT007", "ValueTask", "[Procedure(1, Access.Read)] ValueTask GetAsync(Action<int> handler, CancellationToken cancel);")]
    [InlineData("VIRT007", "IAsyncDisposable", "[Procedure(1, Access.Read)] ValueTask<IAsyncDisposable> GetAsync(CancellationToken cancel);")]
    [InlineData("VIRT007", "VirtStream", "[Procedure(1, Access.Read)] ValueTask<Virt.Streams.VirtStream> GetAsync(Action<int> handler, CancellationToken cancel);")]
    [InlineData("VIRT004", "VirtStream", "[Procedure(1, Access.Read)] ValueTask GetAsync(Virt.Streams.VirtStream value, CancellationToken cancel);")]
    [InlineData("VIRT008", "not a method", "int Size { get; }")]
    [InlineData("VIRT008", "generic", "[Procedure(1, Access.Read)] ValueTask GetAsync<T>(CancellationToken cancel);")]
    public void A_bad_member_of_a_contract_is_reported(string id, string words, string member)
    {
        string source = $"[RpcContract(9, 1)] public interface I {{ {member} }}";
        var diagnostic = Assert.Single(Compile.Report(source));
        Assert.Equal(id, diagnostic.Id);
        Assert.Contains(words, diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("contract.cs", diagnostic.Location.GetLineSpan().Path);
        Assert.True(diagnostic.Location.SourceSpan.Length > 0);
    }

    [Theory]
    [InlineData("not a record", "[Wire] public sealed class Thing(int size) { public int Size => size; }")]
    [InlineData("without parameters", "[Wire] public sealed record Thing { public int Size { get; init; } }")]
    [InlineData("generic", "[Wire] public sealed record Thing<T>(int Size);")]
    [InlineData("abstract", "[Wire] public abstract record Thing(int Size);")]
    [InlineData("inside Outer", "public static class Outer { [Wire] public sealed record Thing(int Size); }")]
    public void What_cannot_be_a_record_on_the_wire_is_reported(string words, string source)
    {
        var diagnostic = Assert.Single(Compile.Report(source));
        Assert.Equal("VIRT005", diagnostic.Id);
        Assert.Contains(words, diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_with_positions_that_cannot_travel_is_reported_once_for_each()
    {
        var diagnostics = Compile.Report("public enum Small : byte { A } [Wire] public sealed record Thing(object A, int B, Small C);");
        Assert.Equal(["VIRT004", "VIRT004"], diagnostics.Select(diagnostic => diagnostic.Id));
        Assert.Contains("parameter A of Thing", diagnostics[0].GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains("underlying type", diagnostics[1].GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_used_twice_in_a_program_is_reported_across_contracts()
    {
        var diagnostic = Assert.Single(Compile.Report("""
            [RpcContract(9, 1)] public interface IFirst { [Procedure(5, Access.Read)] ValueTask AAsync(CancellationToken cancel); }
            [RpcContract(9, 1)] public interface ISecond { [Procedure(5, Access.Read)] ValueTask BAsync(CancellationToken cancel); }
            [RpcContract(10, 1)] public interface IThird { [Procedure(5, Access.Read)] ValueTask CAsync(CancellationToken cancel); }
            """));
        Assert.Equal("VIRT001", diagnostic.Id);
        Assert.Contains("ISecond.BAsync has the procedure number 5 of program 9, which IFirst.AAsync has already", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_used_twice_in_a_contract_is_reported()
    {
        var diagnostic = Assert.Single(Compile.Report("""
            [RpcContract(9, 1)] public interface I
            {
                [Procedure(1, Access.Read)] ValueTask GetAsync(CancellationToken cancel);
                [Procedure(2, Access.Read)] ValueTask GetAsync(int id, CancellationToken cancel);
            }
            """));
        Assert.Equal("VIRT009", diagnostic.Id);
    }

    [Fact]
    public void A_contract_extends_nothing_but_disposal()
    {
        var diagnostic = Assert.Single(Compile.Report("[RpcContract(9, 1)] public interface I : IDisposable, IAsyncDisposable { }"));
        Assert.Equal("VIRT008", diagnostic.Id);
        Assert.Contains("IDisposable", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Holder value")]
    [InlineData("IReadOnlyList<Mode> value")]
    [InlineData("IReadOnlyList<Holder> value")]
    public void Access_that_would_not_be_checked_is_reported(string parameter)
    {
        var diagnostic = Assert.Single(Compile.Report($$"""
            public enum Mode { None = 0, [RequiresAccess(Access.Secret)] Secret = 1 }
            [Wire] public sealed record Holder(string Name, Mode? Mode);
            [RpcContract(9, 1)] public interface I
            {
                [Procedure(1, Access.Read)] ValueTask GetAsync({{parameter}}, CancellationToken cancel);
            }
            """));
        Assert.Equal("VIRT010", diagnostic.Id);
        Assert.Contains("carries Mode.Secret inside", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
