using System.Management.Automation;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Gets the hosts that this session is connected to, with their versions, processors and memory as they are now.
/// </summary>
[Cmdlet(VerbsCommon.Get, "VirtHost")]
[OutputType(typeof(VirtHost))]
public sealed class GetVirtHostCommand : HostCommandBase
{
    /// <summary>
    /// Names (also with wildcards) or URIs; without it all connected hosts, and with none connected the default URI's.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VirtHost", "Server", "ComputerName", "Uri")]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public HostIdentity[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtHost host in Hosts())
            Begin(host, cancel => ShowAsync(host, cancel));
        WriteUntilDone();
    }

    private IReadOnlyList<VirtHost> Hosts()
    {
        if (Name is not null)
            return HostLookup.Find(this, Session.Hosts, Name);
        if (Session.Hosts is { Count: > 0 } connected)
            return connected;
        IReadOnlyList<VirtHost> opened = AwaitOrEnd(null, cancel => Session.DefaultsAsync(Authentication(null), cancel));
        PublishDefaults();
        return opened;
    }

    private async Task ShowAsync(VirtHost host, CancellationToken cancel)
    {
        try
        {
            if (!host.Closed)
                await host.RefreshAsync(cancel).ConfigureAwait(false);
        }
        catch (VirtException failure)
        {
            // The host is still shown, as not connected.
            Fail(failure, host);
        }

        Emit(host);
    }
}
