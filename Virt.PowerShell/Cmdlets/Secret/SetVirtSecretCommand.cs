using System.Management.Automation;
using System.Security;
using Virt.Secrets;

namespace Virt.PowerShell;

/// <summary>Changes secrets: their value, their description, or that the value is private from now on.</summary>
[Cmdlet(VerbsCommon.Set, "VirtSecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtSecret))]
public sealed class SetVirtSecretCommand : SecretCommand
{
    /// <summary>The secrets: objects, uuids, or whom they are for, also with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Uuid", "UsageId", "InputObject")]
    [ArgumentCompleter(typeof(SecretCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public SecretIdentity[] Secret { get; set; } = [];

    /// <summary>The value from now on. A guest that runs keeps what it was started with.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public SecureString? Value { get; set; }

    /// <summary>The value is the base64 of the bytes that count.</summary>
    [Parameter]
    public SwitchParameter Base64 { get; set; }

    /// <summary>A description; empty for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Description { get; set; }

    /// <summary>The value never leaves the host from now on. That cannot be undone.</summary>
    [Parameter]
    public SwitchParameter Private { get; set; }

    /// <summary>Returns the secrets as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtSecret secret in Find(Secret))
        {
            string effect = $"Change the secret {secret.Uuid} for {secret.Usage} '{secret.UsageId}' on {secret.VirtHost.Name}";
            if (ShouldProcess(effect, effect + "?", "Confirm"))
                Begin(secret, cancel => ChangeAsync(secret, cancel));
        }

        WriteUntilDone();
    }

    private async Task ChangeAsync(VirtSecret secret, CancellationToken cancel)
    {
        SecretRecord record = secret.Record;
        string? description = Description is null ? record.Description : Description.Length == 0 ? null : Description;
        if (description != record.Description || (Private && !record.Private))
        {
            string xml = new SecretDefinition(
                record.Uuid, record.UsageType, record.UsageId, description, record.Private || Private, record.Ephemeral).ToXml();
            record = await SecretsAsync(
                secret.VirtHost, "DefineSecret", (driver, token) => driver.DefineSecretAsync(xml, token), cancel).ConfigureAwait(false);
        }

        var changed = new VirtSecret(secret.VirtHost, record);
        if (Value is not null)
            changed = await SetValueAsync(changed, Value, Base64, cancel).ConfigureAwait(false);
        if (PassThru)
            Emit(changed);
    }
}
