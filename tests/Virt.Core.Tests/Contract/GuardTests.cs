using Virt.Domains;
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

        // Values of enums may need more than the procedure itself.
        var asked = new IncomingCallProbe();
        await asked.AskAsync(procedure, method, arguments);
        Access needed = procedure.Access | asked.Required;

        object open = Contracts.Guard(procedure.Contract, target, needed);
        await Contracts.CallAsync(method, open, arguments);
        Assert.Equal(method, recorder.Called);
        Assert.Equal(arguments, recorder.Arguments);

        if (needed == Access.Handshake)
            return;
        var (untouched, hidden) = Target.Of(procedure.Contract, SampleKind.Full);
        Access one = (Access)(1 << int.TrailingZeroCount((int)needed));
        object closed = Contracts.Guard(procedure.Contract, hidden, Access.All & ~one);
        var e = await Assert.ThrowsAsync<VirtAccessDeniedException>(() => Contracts.CallAsync(method, closed, arguments));
        Assert.Null(untouched.Called);
        Assert.Equal(VirtErrorCode.OperationDenied, e.Code);
        Assert.Equal($"the connection is read-only: {name} needs the access class {one}", e.Message);
        Assert.NotNull(e.RecommendedAction);
    }

    [Theory]
    [InlineData(XmlOptions.None, Access.Read)]
    [InlineData(XmlOptions.Inactive | XmlOptions.Migratable, Access.Read)]
    [InlineData(XmlOptions.Secure, Access.Read | Access.Secret)]
    [InlineData(XmlOptions.Secure | XmlOptions.Inactive, Access.Read | Access.Secret)]
    public async Task A_value_of_a_flag_needs_more_than_its_procedure(XmlOptions options, Access needed)
    {
        await AssertNeedsAsync("GetDomainXml", [Guid.Empty, options, TestContext.Current.CancellationToken], needed);
    }

    [Theory]
    [InlineData(ShutdownMode.Default, Access.Control)]
    [InlineData(ShutdownMode.Acpi, Access.Control)]
    [InlineData(ShutdownMode.Agent, Access.Control | Access.Agent)]
    public async Task A_value_of_a_choice_needs_more_than_its_procedure(ShutdownMode mode, Access needed)
    {
        await AssertNeedsAsync("ShutdownDomain", [Guid.Empty, mode, TestContext.Current.CancellationToken], needed);
        await AssertNeedsAsync("RebootDomain", [Guid.Empty, mode, TestContext.Current.CancellationToken], needed);
    }

    [Fact]
    public async Task Disposing_reaches_the_driver_but_not_through_a_stub()
    {
        foreach (var contract in Contracts.All.Where(type => typeof(IAsyncDisposable).IsAssignableFrom(type)))
        {
            var (recorder, target) = Target.Of(contract, SampleKind.Full);
            await ((IAsyncDisposable)Contracts.Guard(contract, target, Access.Handshake)).DisposeAsync();
            Assert.Equal(1, recorder.Disposed);
            await ((IAsyncDisposable)Contracts.Stub(contract, new Loopback(target))).DisposeAsync();
            Assert.Equal(1, recorder.Disposed);
        }
    }

    [Fact]
    public void A_denial_is_a_failed_task_not_a_throw()
    {
        var contract = Contracts.Procedure("UndefineDomain").Contract;
        var guard = (Virt.Drivers.IHypervisorDriver)Contracts.Guard(contract, Target.Of(contract, SampleKind.Full).Contract, Access.Handshake);
        var task = guard.UndefineDomainAsync(default, default, TestContext.Current.CancellationToken);
        Assert.True(task.IsFaulted);
    }

    /// <summary>Both the guard and the procedure table ask for the access, and the guard for nothing else.</summary>
    private static async Task AssertNeedsAsync(string name, object?[] arguments, Access needed)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        var probe = new IncomingCallProbe();
        await probe.AskAsync(procedure, method, arguments);
        Assert.Equal(needed, procedure.Access | probe.Required);

        await Contracts.CallAsync(method, Contracts.Guard(procedure.Contract, Target.Of(procedure.Contract, SampleKind.Full).Contract, needed), arguments);
        foreach (Access one in Enum.GetValues<Access>().Where(one => int.PopCount((int)one) == 1 && (needed & one) != 0))
        {
            var (untouched, hidden) = Target.Of(procedure.Contract, SampleKind.Full);
            await Assert.ThrowsAsync<VirtAccessDeniedException>(
                () => Contracts.CallAsync(method, Contracts.Guard(procedure.Contract, hidden, needed & ~one), arguments));
            Assert.Null(untouched.Called);
        }
    }

    /// <summary>Learns what a procedure's row demands for some arguments.</summary>
    private sealed class IncomingCallProbe
    {
        public Access Required { get; private set; }

        public async Task AskAsync(Procedure procedure, System.Reflection.MethodInfo method, object?[] arguments)
        {
            var loopback = new Loopback(Target.Of(procedure.Contract, SampleKind.Full).Contract);
            await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, loopback), arguments);
            Required = loopback.Required;
        }
    }
}
