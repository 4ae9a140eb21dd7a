using System.Runtime.CompilerServices;
using Virt.Rpc;

namespace Virt.Tests.Core.Contract;

/// <summary>The tables of docs/security.md are those of the contract.</summary>
public class SecurityDocumentTests
{
    [Fact]
    public void Each_procedure_stands_with_the_access_it_needs()
    {
        var documented = Rows("| needs | procedures |").SelectMany(row => row[1].Split(", "), (row, name) => $"{name}: {row[0]}");
        var contract = Contracts.Procedures.Select(procedure => $"{procedure.Name}: {procedure.Access}");
        Assert.Equal(contract.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_class_stands_with_its_number()
    {
        var documented = Rows("| class | number | lets one |").Select(row => $"{row[0]} {row[1]}");
        var classes = Enum.GetValues<Access>().Where(one => int.PopCount((int)one) == 1).Select(one => $"`{one.ToString().ToLowerInvariant()}` {(int)one}");
        Assert.Equal(classes, documented);
    }

    [Fact]
    public void Each_value_that_needs_more_stands_with_what()
    {
        var documented = Rows("| value | needs besides |").Select(row => $"{row[0]} {row[1]}");
        var values =
            from type in typeof(Access).Assembly.GetTypes()
            where type.IsEnum
            from field in type.GetFields()
            from RequiresAccessAttribute gate in field.GetCustomAttributes(typeof(RequiresAccessAttribute), inherit: false)
            select $"`{type.Name}.{field.Name}` {gate.Access}";
        Assert.Equal(values.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string[]> Rows(string header) => File.ReadLines(Document())
        .SkipWhile(line => line != header).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|', ' ').Split(" | "));

    private static string Document([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../../docs/security.md"));
}
