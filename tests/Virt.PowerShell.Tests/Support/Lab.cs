using System.Management.Automation;
using System.Reflection;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>A PowerShell session with hosts of its own, in which a test runs commands.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public Lab() => Session = new HostSession((uri, options, auth, cancel) =>
        VirtConnection.OpenAsync(new DriverTable(Module), ConnectionUri.Parse(uri ?? "spy:///"), options, auth, cancel));

    public SpyModule Module { get; } = new();

    public HostSession Session { get; }

    public SpyConnection this[string host] => Module.Connections[host];

    public static async Task<Lab> WithAsync(params string[] hosts)
    {
        var lab = new Lab();
        foreach (string host in hosts)
            await lab.Session.ConnectAsync(
                new ConnectRequest($"spy://{host}/"), ConnectAuth.None, TestContext.Current.CancellationToken);
        return lab;
    }

    public VirtHost Host(string name) => Session.Hosts.Single(host => host.Name == name);

    /// <summary>The domain as it is now.</summary>
    public async Task<VirtDomain> DomainAsync(string name, string? host = null)
    {
        VirtHost on = host is null ? Session.Hosts[0] : Host(host);
        var connection = await on.ConnectionAsync(TestContext.Current.CancellationToken);
        return new VirtDomain(on, await connection.Hypervisor.GetDomainByNameAsync(name, TestContext.Current.CancellationToken));
    }

    /// <summary>Runs a command to its end, with a parameter set and the pipeline's objects.</summary>
    public T Run<T>(T command, string? set = null, params DomainIdentity[][] pipeline)
        where T : VirtCommand
    {
        Prepare(command, set);
        using (command)
        {
            command.DoBegin();
            if (pipeline.Length == 0)
                command.DoProcess();
            foreach (DomainIdentity[] names in pipeline)
            {
                ((DomainCommand)(object)command).Name = names;
                command.DoProcess();
            }

            command.DoEnd();
        }

        return command;
    }

    /// <summary>Runs a command that must end with a terminating error.</summary>
    public System.Management.Automation.ErrorRecord RunToItsEnd<T>(
        T command, string? set = null, params DomainIdentity[][] pipeline)
        where T : VirtCommand =>
        Assert.Throws<TerminatingException>(() => Run(command, set, pipeline)).Error;

    public static DomainIdentity[] Names(params string[] names) => [.. names.Select(name => new DomainIdentity(name))];

    public async ValueTask DisposeAsync() => await Session.DisposeAsync();

    public void Prepare(VirtCommand command, string? set)
    {
        command.Session = Session;
        command.ParameterSetName = set ?? command.GetType().GetCustomAttribute<CmdletAttribute>()!.DefaultParameterSetName ?? "";
    }
}

internal static class Expect
{
    /// <summary>The only error, which must be this one.</summary>
    public static System.Management.Automation.ErrorRecord Error(this Cmdlet command, string id, ErrorCategory category)
    {
        System.Management.Automation.ErrorRecord error = Assert.Single(command.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.Equal(category, error.Category);
        Assert.IsAssignableFrom<VirtException>(error.Exception);
        return error;
    }

    public static IReadOnlyList<string> NamesOf(this Cmdlet command) =>
        [.. command.Output.Cast<VirtDomain>().Select(domain => domain.Name)];
}
