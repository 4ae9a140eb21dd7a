using Virt.Errors;

namespace Virt.Secrets;

/// <summary>
/// The secrets of a host and the rules that hold among them: one per uuid, one per usage. What keeps them on disk derives from it;
/// nothing is remembered that could not be kept.
/// </summary>
internal class SecretCatalog
{
    /// <summary>The longest value, in bytes.</summary>
    public const int MaximumValue = 65536;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Secret> _secrets = [];

    /// <summary>All secrets, in the order of what they are for.</summary>
    public IReadOnlyList<SecretRecord> List()
    {
        lock (_lock)
        {
            return [.. _secrets.Values.Select(secret => secret.Definition.ToRecord(secret.Value is not null))
                .OrderBy(record => record.UsageType, StringComparer.Ordinal).ThenBy(record => record.UsageId, StringComparer.Ordinal)
                .ThenBy(record => record.Uuid)];
        }
    }

    /// <summary>Defines a secret, or redefines the one with the same uuid.</summary>
    public SecretRecord Define(SecretDefinition definition)
    {
        lock (_lock)
        {
            Secret? old = _secrets.GetValueOrDefault(definition.Uuid);
            if (old is not null)
                CheckRedefinition(old.Definition, definition);
            else if (FindUsage(definition.UsageType, definition.UsageId) is { } twin)
                throw Clash(twin.Definition);
            var defined = new Secret(definition, old?.Value);
            Keep(defined, old);
            _secrets[definition.Uuid] = defined;
            return definition.ToRecord(defined.Value is not null);
        }
    }

    /// <summary>Removes a secret.</summary>
    public void Undefine(Guid uuid)
    {
        lock (_lock)
        {
            Forget(Get(uuid));
            _secrets.Remove(uuid);
        }
    }

    /// <summary>The definition of a secret.</summary>
    public SecretDefinition GetDefinition(Guid uuid)
    {
        lock (_lock)
            return Get(uuid).Definition;
    }

    /// <summary>Sets a value.</summary>
    public void SetValue(Guid uuid, ReadOnlyMemory<byte> value)
    {
        if (value.Length is 0 or > MaximumValue)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"the value of a secret has 1 to {MaximumValue} bytes, not {value.Length}", uuid.ToString());
        }

        lock (_lock)
        {
            Secret old = Get(uuid);
            Secret changed = old with { Value = value.ToArray() };
            Keep(changed, old);
            _secrets[uuid] = changed;
        }
    }

    /// <summary>The value, for who asks over the API: that of a private secret is refused.</summary>
    public ReadOnlyMemory<byte> GetValue(Guid uuid)
    {
        lock (_lock)
        {
            Secret secret = Get(uuid);
            return !secret.Definition.Private ? Value(secret) : throw new VirtException(
                VirtErrorCode.InvalidSecret, $"the secret {uuid} is private: its value never leaves the daemon", uuid.ToString(),
                "Guests of this host can use it; set another value with Set-VirtSecret.");
        }
    }

    /// <summary>The value for a guest or pool of this host, by the secret's uuid.</summary>
    public byte[] Use(Guid uuid)
    {
        lock (_lock)
            return Value(Get(uuid));
    }

    /// <summary>The value for a guest or pool of this host, by what the secret is for.</summary>
    public byte[] Use(string usageType, string usageId)
    {
        lock (_lock)
        {
            return Value(FindUsage(usageType, usageId) ?? throw VirtException.Create(
                VirtErrorCode.NoSecret, $"there is no secret for {usageType} '{usageId}'", usageId, "Define it with New-VirtSecret."));
        }
    }

    /// <summary>Takes in a secret that was kept.</summary>
    protected void Load(SecretDefinition definition, byte[]? value)
    {
        lock (_lock)
            _secrets[definition.Uuid] = new Secret(definition, value);
    }

    /// <summary>Keeps a secret; called before it changes in memory.</summary>
    protected virtual void Keep(Secret secret, Secret? old)
    {
    }

    /// <summary>Stops keeping a secret; called before it leaves memory.</summary>
    protected virtual void Forget(Secret secret)
    {
    }

    private static void CheckRedefinition(SecretDefinition old, SecretDefinition definition)
    {
        if (old.UsageType != definition.UsageType || old.UsageId != definition.UsageId)
            throw Clash(old);
        if (old.Private && !definition.Private)
        {
            throw new VirtException(
                VirtErrorCode.InternalError, $"the secret {old.Uuid} is private and stays so", old.Uuid.ToString(),
                "Remove the secret and define it again, with its value.");
        }
    }

    private static VirtException Clash(SecretDefinition owner) => new(
        VirtErrorCode.InternalError, $"the secret {owner.Uuid} is defined already for {owner.UsageType} '{owner.UsageId}'",
        owner.Uuid.ToString(), "Set its value with Set-VirtSecret, or remove it first.");

    private static byte[] Value(Secret secret) => secret.Value ?? throw VirtException.Create(
        VirtErrorCode.NoSecret, $"the secret {secret.Definition.Uuid} has no value", secret.Definition.Uuid.ToString(),
        "Set it with Set-VirtSecret.");

    private Secret Get(Guid uuid) => _secrets.GetValueOrDefault(uuid) ?? throw VirtException.Create(
        VirtErrorCode.NoSecret, $"there is no secret with the uuid {uuid}", uuid.ToString(), "Get-VirtSecret lists the secrets.");

    private Secret? FindUsage(string type, string? id) => id is null
        ? null
        : _secrets.Values.FirstOrDefault(secret => secret.Definition.UsageType == type && secret.Definition.UsageId == id);

    /// <summary>A secret with its value.</summary>
    protected sealed record Secret(SecretDefinition Definition, byte[]? Value)
    {
        /// <summary>Without the value, which no message shall show.</summary>
        public override string ToString() => Definition.Uuid.ToString();
    }
}
