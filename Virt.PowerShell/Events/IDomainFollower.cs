using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Follows the domains of a host by a <see cref="HostSubscription"/>, also across a loss of its connection.</summary>
internal interface IDomainFollower
{
    /// <summary>Whether the domains are wanted at the beginning too, and not only after a loss.</summary>
    bool WantsDomains { get; }

    /// <summary>Something happened.</summary>
    void OnEvent(DomainLifecycleEvent happened);

    /// <summary>The domains as they are now.</summary>
    /// <param name="domains">All of the host.</param>
    /// <param name="told">Those of which events follow, which tell the rest.</param>
    /// <param name="again">Whether the connection was lost before, so that events may have been missed.</param>
    void OnDomains(IReadOnlyList<DomainRecord> domains, IReadOnlySet<Guid> told, bool again);

    /// <summary>The connection is lost; it is being opened again.</summary>
    void OnLost(string reason);

    /// <summary>Nothing will come any more: the connection cannot be opened again, or was closed by the user.</summary>
    void OnEnded(VirtException reason);
}
