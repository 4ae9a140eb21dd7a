using System.Management.Automation;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Connects this session to hosts.</summary>
[Cmdlet(VerbsCommunications.Connect, "VirtHost")]
[OutputType(typeof(VirtHost))]
public sealed class ConnectVirtHostCommand : HostCommandBase
{
    /// <summary>Connection URIs, or aliases from the client's configuration; without it the default URI.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(UriCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Uri { get; set; }

    /// <summary>User name and password for a host that asks for them; without it the user is asked.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Denies all changes over this connection.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Leaves the host out of $DefaultVirtHosts: only commands that name it use it.</summary>
    [Parameter]
    public SwitchParameter NotDefault { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string? uri in Uri ?? [null!])
        {
            var request = new ConnectRequest(uri, ReadOnly, !NotDefault, Credential is null);
            ConnectAuth auth = Authentication(Credential);
            try
            {
                WriteObject(Await(cancel => Session.ConnectAsync(request, auth, cancel)));
            }
            catch (VirtException failure)
            {
                WriteError(ErrorMap.ToRecord(failure, uri));
            }
        }

        PublishDefaults();
    }
}
