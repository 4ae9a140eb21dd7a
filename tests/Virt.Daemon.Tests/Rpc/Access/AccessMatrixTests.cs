using System.Globalization;
using System.Reflection;
using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Domains;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Tests.Core.Contract;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Each procedure with each set of access classes, over a connection: what is denied never reaches a driver.</summary>
public sealed class AccessMatrixTests : IAsyncDisposable
{
    private readonly TripwireModule _module = new();
    private readonly TestDaemon _world;

    public AccessMatrixTests() => _world = new(access: new AccessPolicy(
        [.. Grants.Select(granted => new IdentityRule("test", new($"{granted}", granted)) { PasswordUsers = [$"{(int)granted}"] })]), module: _module);

    /// <summary>Nothing, each class alone, everything but each class, and the built-in roles.</summary>
    public static IEnumerable<Access> Grants
    {
        get
        {
            Access[] single = [.. Enum.GetValues<Access>().Where(one => int.PopCount((int)one) == 1)];
            return [.. single.Concat(single.Select(one => Access.All & ~one)).Concat(AccessRole.BuiltIn.Select(role => role.Access)).Distinct()];
        }
    }

    public static TheoryData<int> GrantNumbers => [.. Grants.Select(grant => (int)grant)];

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(GrantNumbers))]
    public async Task What_is_not_granted_is_denied_and_reaches_no_driver(int number)
    {
        var granted = (Access)number;
        string user = number.ToString(CultureInfo.InvariantCulture);
        await using RpcClient client = await OpenAsync(new PasswordIdentity(user), OpenOptions.None);

        foreach (Procedure procedure in Contracts.Procedures.Where(one => one.Access != Access.Handshake))
        {
            VirtException? error = await CallAsync(client, procedure);

            Access missing = procedure.Access & ~granted;
            if (missing == 0)
            {
                AssertReached(procedure, error);
                continue;
            }

            Assert.Empty(_module.TakeCalls());
            VirtAccessDeniedException denial = Assert.IsType<VirtAccessDeniedException>(error);
            Assert.Equal(VirtErrorCode.AccessDenied, denial.Code);
            Assert.Equal(procedure.Name, denial.Target);
            Assert.Equal($"{procedure.Name} needs the access class{(int.PopCount((int)missing) > 1 ? "es" : "")} {missing}, which {user} has not", denial.Message);
            Assert.Contains("access.rules in virtd.json", denial.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_a_read_only_connection_even_the_administrator_only_reads(bool socket)
    {
        await using RpcClient client = await OpenAsync(
            new UnixIdentity(UnixCredentials.OwnUserId), socket ? OpenOptions.None : OpenOptions.ReadOnly, socket);

        foreach (Procedure procedure in Contracts.Procedures.Where(one => one.Access != Access.Handshake))
        {
            VirtException? error = await CallAsync(client, procedure);
            if (procedure.Access == Access.Read)
            {
                AssertReached(procedure, error);
                continue;
            }

            Assert.Empty(_module.TakeCalls());
            Assert.Equal(VirtErrorCode.OperationDenied, Assert.IsType<VirtAccessDeniedException>(error).Code);
            Assert.StartsWith($"the connection is read-only: {procedure.Name} needs the access class", error!.Message, StringComparison.Ordinal);
            Assert.NotNull(error.RecommendedAction);
        }
    }

    [Theory]
    [InlineData(Access.Read, XmlOptions.None, true)]
    [InlineData(Access.Read, XmlOptions.Secure, false)]
    [InlineData(Access.Read, XmlOptions.Secure | XmlOptions.Inactive, false)]
    [InlineData(Access.All & ~Access.Secret, XmlOptions.Secure, false)]
    [InlineData(Access.All, XmlOptions.Secure, true)]
    public async Task Passwords_in_XML_need_their_own_class(Access granted, XmlOptions options, bool reached)
    {
        await using RpcClient client = await OpenAsync(new PasswordIdentity($"{(int)granted}"), OpenOptions.None);
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(
            () => new Virt.Drivers.HypervisorDriverStub(client).GetDomainXmlAsync(Guid.NewGuid(), options, _world.Time).AsTask());
        Assert.Equal(reached ? VirtErrorCode.OperationFailed : VirtErrorCode.AccessDenied, error.Code);
        Assert.Equal(reached ? 1 : 0, _module.TakeCalls().Count);
        if (!reached)
            Assert.Contains("needs the access class Secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_told_what_it_may_do()
    {
        await using RpcClient client = new(_world.Connect(new Peer("memory", "test", false, new PasswordIdentity("7"))), new());
        Assert.Equal(Access.All & ~Access.Admin, (await new SessionStub(client).OpenAsync("fake:///system", OpenOptions.None, _world.Time)).Access!.Value);
        await using RemoteDriverConnection own = await _world.OpenInMemoryAsync();
        Assert.Equal(Access.All, own.Access);
        await using RemoteDriverConnection reader = await _world.OpenInMemoryAsync(readOnly: true);
        Assert.Equal(Access.Read, reader.Access);
    }

    private static async Task<VirtException?> CallAsync(RpcClient client, Procedure procedure)
    {
        MethodInfo method = Contracts.Method(procedure);
        try
        {
            await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, client), Samples.Arguments(method, SampleKind.Least));
            return null;
        }
        catch (VirtException error)
        {
            return error;
        }
    }

    private void AssertReached(Procedure procedure, VirtException? error)
    {
        if (procedure.Contract == typeof(IAdmin))
        {
            Assert.Null(error);
            return;
        }

        Assert.Equal(Contracts.Method(procedure).Name, Assert.Single(_module.TakeCalls()));
        Assert.Equal(VirtErrorCode.OperationFailed, error?.Code);
    }

    private async Task<RpcClient> OpenAsync(ClientIdentity identity, OpenOptions options, bool readOnlySocket = false)
    {
        RpcClient client = new(_world.Connect(new Peer("memory", "test", readOnlySocket, identity)), new());
        await new SessionStub(client).OpenAsync("fake:///system", options, _world.Time);
        return client;
    }
}
