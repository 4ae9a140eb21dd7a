using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>Removes secrets with their values. Guests that run are not touched; those that need one do not start again.</summary>
[Cmdlet(VerbsCommon.Remove, "VirtSecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveVirtSecretCommand : SecretCommand
{
    /// <summary>The secrets: objects, uuids, or whom they are for, also with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Uuid", "UsageId", "InputObject")]
    [ArgumentCompleter(typeof(SecretCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public SecretIdentity[] Secret { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtSecret secret in Find(Secret))
        {
            string effect = $"Remove the secret {secret.Uuid} for {secret.Usage} '{secret.UsageId}' with its value from {secret.VirtHost.Name}";
            if (ShouldProcess(effect, effect + "?", "Confirm"))
                Begin(secret, cancel => RemoveAsync(secret, cancel));
        }

        WriteUntilDone();
    }

    private Task<bool> RemoveAsync(VirtSecret secret, CancellationToken cancel) => SecretsAsync(
        secret.VirtHost, $"UndefineSecret {secret.Uuid}",
        async (driver, token) =>
        {
            await driver.UndefineSecretAsync(secret.Uuid, token).ConfigureAwait(false);
            return true;
        },
        cancel);
}
