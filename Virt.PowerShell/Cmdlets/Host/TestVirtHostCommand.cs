using System.Management.Automation;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Checks hosts: connection, access, versions, hypervisor, KVM. What is wrong is a check that failed, with what to do, not an
/// error.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "VirtHost", DefaultParameterSetName = HostSet)]
[OutputType(typeof(VirtHostCheck))]
public sealed class TestVirtHostCommand : HostCommandBase
{
    private const string HostSet = "Host";
    private const string UriSet = "Uri";

    /// <summary>Connected hosts, their names or their URIs; without it the default hosts.</summary>
    [Parameter(ParameterSetName = HostSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Server", "ComputerName", "Name")]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public HostIdentity[]? VirtHost { get; set; }

    /// <summary>URIs to open for the checks and to close afterwards.</summary>
    [Parameter(ParameterSetName = UriSet, Mandatory = true)]
    [ArgumentCompleter(typeof(UriCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Uri { get; set; }

    /// <summary>User name and password for a host that asks for them.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        HostSession session = Session;
        if (Uri is not null)
        {
            ConnectAuth auth = Authentication(Credential);
            foreach (string uri in Uri)
                Begin(uri, cancel => CheckUriAsync(session.Apart(), uri, auth, cancel));
        }
        else if (VirtHost is not null)
        {
            foreach (VirtHost host in HostLookup.Find(this, Session.Hosts, VirtHost))
                Begin(host, cancel => CheckAsync(host, host.Uri, cancel));
        }
        else
        {
            ConnectAuth auth = Authentication(null);
            Begin(null, cancel => CheckDefaultsAsync(session, auth, cancel));
        }

        WriteUntilDone();
        if (Uri is null)
            PublishDefaults();
    }

    private async Task CheckDefaultsAsync(HostSession session, ConnectAuth auth, CancellationToken cancel)
    {
        IReadOnlyList<VirtHost> hosts;
        try
        {
            hosts = await session.DefaultsAsync(auth, cancel).ConfigureAwait(false);
        }
        catch (VirtException failure)
        {
            EmitFailure(failure.Target ?? "the default URI", failure);
            return;
        }

        await Task.WhenAll(hosts.Select(host => CheckAsync(host, host.Uri, cancel))).ConfigureAwait(false);
    }

    private async Task CheckUriAsync(HostSession session, string uri, ConnectAuth auth, CancellationToken cancel)
    {
        try
        {
            VirtHost host = await session.ConnectAsync(new ConnectRequest(uri), auth, cancel).ConfigureAwait(false);
            await CheckAsync(host, uri, cancel).ConfigureAwait(false);
        }
        catch (VirtException failure)
        {
            EmitFailure(uri, failure);
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task CheckAsync(VirtHost host, string uri, CancellationToken cancel)
    {
        try
        {
            await new HostChecks(host, ModuleVersion.Text).RunAsync(Emit, cancel).ConfigureAwait(false);
        }
        catch (VirtException failure)
        {
            EmitFailure(uri, failure);
        }
    }

    private void EmitFailure(string name, VirtException failure) =>
        Emit(new VirtHostCheck(name, "Connection", CheckStatus.Fail, failure.Message, failure.RecommendedAction));
}
