using System.Management.Automation;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Connects this session to hosts.</summary>
[Cmdlet(VerbsCommunications.Connect, "VirtHost")]
[OutputType(typeof(VirtHost))]
public sealed class ConnectVirtHostCommand : HostCommandBase
{
    /// <summary>
    /// Connection URIs, or aliases from the client's configuration; without it the default URI. With a transport, names of hosts.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(UriCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Uri { get; set; }

    /// <summary>User name and password for a host that asks for them; without it the user is asked.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Makes a URI of a host's name: the daemon of that host, over this transport.</summary>
    [Parameter]
    public HostTransport? Transport { get; set; }

    /// <summary>The private key to log in with over ssh.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>Trusts a host over tls whatever certificate it shows.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Denies all changes over this connection.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Leaves the host out of $DefaultVirtHosts: only commands that name it use it.</summary>
    [Parameter]
    public SwitchParameter NotDefault { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string? keyFile = KeyFile is null ? null : GetUnresolvedProviderPathFromPSPath(KeyFile);
        HostChoice choice = new(Transport, keyFile, SkipCertificateCheck, Credential?.UserName);
        foreach (string? uri in Uri ?? [null!])
        {
            ConnectAuth auth = Authentication(Credential);
            try
            {
                var request = new ConnectRequest(choice.UriFor(uri), ReadOnly, !NotDefault, Credential is null);
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
