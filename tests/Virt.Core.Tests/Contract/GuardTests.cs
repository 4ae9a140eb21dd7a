using Virt.Errors;
using Virt.Rpc;

namespace Virt.Tests.Core.Contract;

public class GuardTests
{
    [Theory]
    [MemberData(nameof(Contracts.ProcedureNames), MemberType = typeof(Contracts))]
    public async Task A_guard_asks_for_the_access_of_the_procedure(string name)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        var (recorder, target) = Target.Of(procedure.Contract, SampleKind.Full);
        object?[] arguments = Samples.Arguments(method, SampleKind.Full);

        object open = Contracts.Guard(procedure.Contract, target, access => access == procedure.Access);
        await Contracts.CallAsync(method, open, arguments);
        Assert.Equal(method, recorder.Called);
        Assert.Equal(arguments, recorder.Arguments);

        var (untouched, hidden) = Target.Of(procedure.Contract, SampleKind.Full);
        object closed = Contracts.Guard(procedure.Contract, hidden, access => access != procedure.Access);
        var e = await Assert.ThrowsAsync<VirtAccessDeniedException>(() => Contracts.CallAsync(method, closed, arguments));
        Assert.Null(untouched.Called);
        Assert.Equal(VirtErrorCode.OperationDenied, e.Code);
        Assert.Equal($"the connection is read-only: {name} is not allowed", e.Message);
        Assert.NotNull(e.RecommendedAction);
    }

    [Fact]
    public async Task Disposing_reaches_the_driver_but_not_through_a_stub()
    {
        foreach (var contract in Contracts.All.Where(type => typeof(IAsyncDisposable).IsAssignableFrom(type)))
        {
            var (recorder, target) = Target.Of(contract, SampleKind.Full);
            await ((IAsyncDisposable)Contracts.Guard(contract, target, _ => false)).DisposeAsync();
            Assert.Equal(1, recorder.Disposed);
            await ((IAsyncDisposable)Contracts.Stub(contract, new Loopback(target))).DisposeAsync();
            Assert.Equal(1, recorder.Disposed);
        }
    }

    [Fact]
    public void A_denial_is_a_failed_task_not_a_throw()
    {
        var contract = Contracts.Procedure("UndefineDomain").Contract;
        var guard = (Virt.Drivers.IHypervisorDriver)Contracts.Guard(contract, Target.Of(contract, SampleKind.Full).Contract, _ => false);
        var task = guard.UndefineDomainAsync(default, default, TestContext.Current.CancellationToken);
        Assert.True(task.IsFaulted);
    }
}
