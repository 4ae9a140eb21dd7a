using System.Management.Automation;
using System.Security;
using Virt.Secrets;

namespace Virt.PowerShell;

/// <summary>Defines a secret on the hosts, with its value when it is given.</summary>
[Cmdlet(VerbsCommon.New, "VirtSecret", SupportsShouldProcess = true, DefaultParameterSetName = UsageSet)]
[OutputType(typeof(VirtSecret))]
public sealed class NewVirtSecretCommand : SecretCommand
{
    private const string UsageSet = "Usage";
    private const string XmlSet = "Xml";

    /// <summary>What it is for.</summary>
    [Parameter(ParameterSetName = UsageSet, Mandatory = true, Position = 0)]
    public SecretUsage Usage { get; set; }

    /// <summary>Whom it is for: the path of a volume, or a name.</summary>
    [Parameter(ParameterSetName = UsageSet, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? UsageId { get; set; }

    /// <summary>A description.</summary>
    [Parameter(ParameterSetName = UsageSet)]
    public string? Description { get; set; }

    /// <summary>Its identity; a new one without it.</summary>
    [Parameter(ParameterSetName = UsageSet)]
    public Guid Uuid { get; set; } = Guid.NewGuid();

    /// <summary>The value never leaves the host.</summary>
    [Parameter(ParameterSetName = UsageSet)]
    public SwitchParameter Private { get; set; }

    /// <summary>It is kept in memory only, until the daemon ends.</summary>
    [Parameter(ParameterSetName = UsageSet)]
    public SwitchParameter Ephemeral { get; set; }

    /// <summary>The definition in libvirt's secret XML.</summary>
    [Parameter(ParameterSetName = XmlSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string? Xml { get; set; }

    /// <summary>The value.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Value { get; set; }

    /// <summary>The value is the base64 of the bytes that count.</summary>
    [Parameter]
    public SwitchParameter Base64 { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtHost host in MeantHosts())
        {
            string effect = $"Define the secret {(Xml is null ? $"{Uuid} for {Usage} '{UsageId}'" : "of the XML")} on {host.Name}";
            if (ShouldProcess(effect, effect + "?", "Confirm"))
                Begin(host, cancel => DefineAsync(host, cancel));
        }

        WriteUntilDone();
    }

    private async Task DefineAsync(VirtHost host, CancellationToken cancel)
    {
        string xml = Xml ?? new SecretDefinition(
            Uuid, Usage.ToString().ToLowerInvariant(), UsageId, Description, Private, Ephemeral).ToXml();
        SecretRecord record = await SecretsAsync(
            host, "DefineSecret", (driver, token) => driver.DefineSecretAsync(xml, token), cancel).ConfigureAwait(false);
        var secret = new VirtSecret(host, record);
        Emit(Value is null ? secret : await SetValueAsync(secret, Value, Base64, cancel).ConfigureAwait(false));
    }
}
