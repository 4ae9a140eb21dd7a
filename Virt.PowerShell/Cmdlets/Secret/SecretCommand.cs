using System.Security;
using Virt.Drivers;
using Virt.Errors;
using Virt.Secrets;

namespace Virt.PowerShell;

/// <summary>The base of commands that work on the secrets of hosts.</summary>
public abstract class SecretCommand : HostCommand
{
    /// <summary>Makes one call to a host's secret driver and tells in the verbose stream what was called and how long it took.</summary>
    internal Task<T> SecretsAsync<T>(
        VirtHost host, string call, Func<ISecretDriver, CancellationToken, ValueTask<T>> make, CancellationToken cancel) =>
        CallHostAsync(host, call, (connection, token) => make(connection.Secrets, token), cancel);

    /// <summary>All secrets of a host.</summary>
    internal async Task<IReadOnlyList<VirtSecret>> ListAsync(VirtHost host, CancellationToken cancel)
    {
        IReadOnlyList<SecretRecord> records = await SecretsAsync(
            host, "ListSecrets", (driver, token) => driver.ListSecretsAsync(token), cancel).ConfigureAwait(false);
        return [.. records.Select(record => new VirtSecret(host, record))];
    }

    /// <summary>Sets the value of a secret; returns the secret as it is then.</summary>
    internal async Task<VirtSecret> SetValueAsync(VirtSecret secret, SecureString value, bool base64, CancellationToken cancel)
    {
        byte[] bytes = SecretValue.ToBytes(value, base64);
        try
        {
            await SecretsAsync(
                secret.VirtHost, $"SetSecretValue {secret.Uuid}",
                async (driver, token) =>
                {
                    await driver.SetSecretValueAsync(secret.Uuid, bytes, token).ConfigureAwait(false);
                    return true;
                },
                cancel).ConfigureAwait(false);
        }
        finally
        {
            Array.Clear(bytes);
        }

        return new VirtSecret(secret.VirtHost, secret.Record with { HasValue = true });
    }

    /// <summary>The secrets that are meant. One that is named without wildcards and is not there is an error.</summary>
    internal IReadOnlyList<VirtSecret> Find(IEnumerable<SecretIdentity> identities)
    {
        var found = new List<VirtSecret>();
        IReadOnlyList<VirtSecret>? all = null;
        foreach (SecretIdentity identity in identities)
        {
            if (identity.Secret is { } known)
            {
                found.Add(known);
                continue;
            }

            all ??= ListAll();
            VirtSecret[] matching = [.. all.Where(identity.Matches)];
            found.AddRange(matching);
            if (matching.Length == 0 && !identity.IsPattern)
            {
                Fail(
                    VirtException.Create(
                        VirtErrorCode.NoSecret, $"no secret has the uuid or is for '{identity.Text}'", identity.Text,
                        "Get-VirtSecret lists the secrets."),
                    identity.Text);
            }
        }

        return [.. found.DistinctBy(secret => (secret.VirtHost, secret.Uuid))];
    }

    /// <summary>All secrets of the hosts that are meant; a host that fails is an error of its own.</summary>
    internal IReadOnlyList<VirtSecret> ListAll()
    {
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        return Await(async cancel =>
        {
            IReadOnlyList<VirtSecret>[] lists = await Task.WhenAll(hosts.Select(host => TryListAsync(host, cancel))).ConfigureAwait(false);
            return lists.SelectMany(list => list).ToArray();
        });
    }

    private async Task<IReadOnlyList<VirtSecret>> TryListAsync(VirtHost host, CancellationToken cancel)
    {
        try
        {
            return await ListAsync(host, cancel).ConfigureAwait(false);
        }
        catch (VirtException failure)
        {
            Fail(failure, host);
            return [];
        }
    }
}
