using Virt.Rpc;

namespace Virt.Secrets;

/// <summary>A secret, without its value.</summary>
/// <param name="Uuid">Its identity.</param>
/// <param name="UsageType">What it is for: <c>volume</c>, <c>ceph</c>, <c>iscsi</c>, <c>tls</c>, <c>vtpm</c>, <c>none</c>.</param>
/// <param name="UsageId">Whom it is for, or null.</param>
/// <param name="Description">Its description, or null.</param>
/// <param name="Private">Whether the value never leaves the daemon.</param>
/// <param name="Ephemeral">Whether it is kept in memory only, until the daemon ends.</param>
/// <param name="HasValue">Whether a value is set.</param>
[Wire]
public sealed record SecretRecord(
    Guid Uuid, string UsageType, string? UsageId, string? Description, bool Private = false, bool Ephemeral = false, bool HasValue = false)
    : ISubject
{
    Subject ISubject.Subject => new("secret", UsageId, Uuid);
}
