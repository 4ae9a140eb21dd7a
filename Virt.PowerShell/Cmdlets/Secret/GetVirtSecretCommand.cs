using System.Management.Automation;
using System.Security;

namespace Virt.PowerShell;

/// <summary>Gets the secrets that hosts keep for encrypted volumes, storage servers, TLS keys and virtual TPMs.</summary>
[Cmdlet(VerbsCommon.Get, "VirtSecret")]
[OutputType(typeof(VirtSecret))]
public sealed class GetVirtSecretCommand : SecretCommand
{
    /// <summary>Uuids, or whom secrets are for, also with wildcards; without it all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Uuid", "UsageId", "InputObject")]
    [ArgumentCompleter(typeof(SecretCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public SecretIdentity[]? Secret { get; set; }

    /// <summary>Only secrets for one of these.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public SecretUsage[]? Usage { get; set; }

    /// <summary>Fetches the values too, as secure strings. Those of private secrets are never given.</summary>
    [Parameter]
    public SwitchParameter IncludeValue { get; set; }

    /// <summary>The values in base64, as bytes that are no text need it.</summary>
    [Parameter]
    public SwitchParameter Base64 { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtSecret secret in (Secret is null ? ListAll() : Find(Secret)).Where(IsWanted))
        {
            if (IncludeValue && secret.HasValue)
                Begin(secret, cancel => FetchAsync(secret, cancel));
            else
                Emit(secret);
        }

        WriteUntilDone();
    }

    private bool IsWanted(VirtSecret secret) => Usage is null || Usage.Contains(secret.Usage);

    private async Task FetchAsync(VirtSecret secret, CancellationToken cancel)
    {
        ReadOnlyMemory<byte> bytes = await SecretsAsync(
            secret.VirtHost, $"GetSecretValue {secret.Uuid}", (driver, token) => driver.GetSecretValueAsync(secret.Uuid, token), cancel)
            .ConfigureAwait(false);
        SecureString value = SecretValue.ToSecureString(bytes.Span, Base64, out bool isBase64);
        if (isBase64 && !Base64)
            Warn($"The value of the secret {secret.Uuid} is not text: it is given in base64.");
        Emit(new VirtSecret(secret.VirtHost, secret.Record, value));
    }
}
