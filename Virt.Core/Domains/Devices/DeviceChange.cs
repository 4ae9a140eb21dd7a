using Virt.Rpc;

namespace Virt.Domains;

/// <summary>What a change of a device did.</summary>
/// <param name="Domain">The domain after it.</param>
/// <param name="Xml">The device's element as it is now, where it is live with its alias and address; as it was, once it is gone.</param>
/// <param name="Applied">Where the change is now in force: <see cref="ChangeScope.Live"/>, <see cref="ChangeScope.Config"/> or <see
/// cref="ChangeScope.Both"/>.</param>
/// <param name="Notes">What a person should know, a sentence each: what waits for the next start, what will be gone then.</param>
[Wire]
public sealed record DeviceChange(DomainRecord Domain, string Xml, ChangeScope Applied, IReadOnlyList<string> Notes) : ISubject
{
    Subject ISubject.Subject => new("domain", Domain.Name, Domain.Uuid);
}
