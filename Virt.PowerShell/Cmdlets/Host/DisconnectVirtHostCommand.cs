using System.Management.Automation;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Closes connections; guests go on. Without a name, all connections of the session.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "VirtHost", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class DisconnectVirtHostCommand : HostCommandBase
{
    /// <summary>Hosts, their names (also with wildcards) or their URIs.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Server", "ComputerName", "Uri")]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public HostIdentity[]? VirtHost { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtHost host in VirtHost is null ? Session.Hosts : HostLookup.Find(this, Session.Hosts, VirtHost))
        {
            string effect = $"Close the connection to {host.Name} ({host.Uri})";
            if (!ShouldProcess(effect, effect + "?", "Confirm"))
                continue;
            try
            {
                Await(async _ =>
                {
                    await Session.DisconnectAsync(host).ConfigureAwait(false);
                    return true;
                });
            }
            catch (VirtException failure)
            {
                WriteError(ErrorMap.ToRecord(failure, host));
            }
        }

        PublishDefaults();
    }
}
