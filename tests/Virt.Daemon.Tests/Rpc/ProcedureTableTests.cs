using Virt.Daemon.Rpc;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

public sealed class ProcedureTableTests
{
    [Fact]
    public void All_contracts_fit_into_one_table() => Assert.NotNull(ProcedureTable.Create());

    [Fact]
    public void One_number_for_two_procedures_is_an_error()
    {
        Procedure first = new(new(1, 1, 1), "First", Access.Read, typeof(object), (_, _, _) => default);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => new ProcedureTable([first], [first with { Name = "Second" }]));
        Assert.Contains("First and Second", error.Message, StringComparison.Ordinal);
    }
}
