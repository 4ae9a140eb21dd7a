using System.Security;
using Virt.Secrets;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A secret of a host. The value is there only when it was asked for.</summary>
public sealed class VirtSecret : ISecretColumns
{
    internal VirtSecret(VirtHost host, SecretRecord record, SecureString? value = null)
    {
        VirtHost = host;
        Record = record;
        Value = value;
    }

    /// <summary>Its identity.</summary>
    public Guid Uuid => Record.Uuid;

    /// <summary>What it is for.</summary>
    public SecretUsage Usage => Enum.TryParse(Record.UsageType, ignoreCase: true, out SecretUsage usage) ? usage : SecretUsage.None;

    /// <summary>Whom it is for: the path of a volume, or a name; null when it is for nobody in particular.</summary>
    public string? UsageId => VisibleText.Line(Record.UsageId);

    /// <summary>Its description, or null.</summary>
    public string? Description => VisibleText.Lines(Record.Description);

    /// <summary>Whether the value never leaves the host.</summary>
    public bool Private => Record.Private;

    /// <summary>Whether it is kept in memory only, until the daemon ends.</summary>
    public bool Ephemeral => Record.Ephemeral;

    /// <summary>Whether a value is set.</summary>
    public bool HasValue => Record.HasValue;

    /// <summary>The value, when it was asked for; else null.</summary>
    public SecureString? Value { get; }

    /// <summary>The host that keeps it.</summary>
    public VirtHost VirtHost { get; }

    /// <summary>The host's name.</summary>
    public string HostName => VirtHost.Name;

    string ISecretColumns.ValueText => HasValue ? "set" : "none";

    internal SecretRecord Record { get; }

    /// <summary>The uuid.</summary>
    public override string ToString() => Uuid.ToString();
}

/// <summary>What a secret is for.</summary>
public enum SecretUsage
{
    /// <summary>Nothing in particular: domains name it by its uuid.</summary>
    None,

    /// <summary>The passphrase of an encrypted volume; named by the volume's path.</summary>
    Volume,

    /// <summary>A key of a Ceph cluster; named freely.</summary>
    Ceph,

    /// <summary>A password of an iSCSI target (CHAP); named freely.</summary>
    Iscsi,

    /// <summary>The password of a TLS key; named freely.</summary>
    Tls,

    /// <summary>The passphrase of a virtual TPM's state; named freely.</summary>
    Vtpm,
}
