using Virt.Rpc;

namespace Virt.Domains;

/// <summary>
/// Which domains a list returns. Each condition that is not null must hold; within a list any element suffices. The empty
/// filter matches all domains.
/// </summary>
/// <param name="Active">True: only active; false: only inactive.</param>
/// <param name="Names">Names with PowerShell wildcards (<see cref="NamePattern"/>), compared without case.</param>
/// <param name="Uuids">Identities.</param>
/// <param name="Ids">Runtime ids.</param>
/// <param name="States">States.</param>
/// <param name="Persistent">Whether a definition outlives the run.</param>
/// <param name="Autostart">Whether it starts with the host.</param>
/// <param name="HasSavedState">Whether a managed save exists.</param>
/// <param name="HasSnapshot">Whether it has snapshots.</param>
[Wire]
public sealed record DomainFilter(
    bool? Active = null,
    IReadOnlyList<string>? Names = null,
    IReadOnlyList<Guid>? Uuids = null,
    IReadOnlyList<int>? Ids = null,
    IReadOnlyList<DomainState>? States = null,
    bool? Persistent = null,
    bool? Autostart = null,
    bool? HasSavedState = null,
    bool? HasSnapshot = null)
{
    /// <summary>Matches every domain.</summary>
    public static DomainFilter All { get; } = new();

    /// <summary>Whether a domain passes.</summary>
    public bool Matches(DomainRecord domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return (Active is null || Active == domain.IsActive)
            && (Persistent is null || Persistent == domain.Persistent)
            && (Autostart is null || Autostart == domain.Autostart)
            && (HasSavedState is null || HasSavedState == domain.HasSavedState)
            && (HasSnapshot is null || HasSnapshot == domain.HasSnapshot)
            && (States is null || States.Contains(domain.State))
            && (Uuids is null || Uuids.Contains(domain.Uuid))
            && (Ids is null || (domain.Id is { } id && Ids.Contains(id)))
            && (Names is null || Names.Any(name => NamePattern.IsMatch(name, domain.Name)));
    }

    /// <summary>The same question prepared for many domains: long lists of names, uuids and ids are looked up, not walked.</summary>
    public Func<DomainRecord, bool> ToPredicate()
    {
        if (this == All)
            return static _ => true;
        DomainFilter rest = this with { Names = null, Uuids = null, Ids = null };
        HashSet<Guid>? uuids = Uuids?.ToHashSet();
        HashSet<int>? ids = Ids?.ToHashSet();
        HashSet<string>? names = Names?.Where(name => !NamePattern.HasWildcard(name)).Select(NamePattern.Unescape)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] patterns = [.. Names?.Where(NamePattern.HasWildcard).Distinct(StringComparer.OrdinalIgnoreCase) ?? []];
        return domain => rest.Matches(domain)
            && (uuids is null || uuids.Contains(domain.Uuid))
            && (ids is null || (domain.Id is { } id && ids.Contains(id)))
            && (names is null || names.Contains(domain.Name) || MatchesAny(patterns, domain.Name));
    }

    private static bool MatchesAny(string[] patterns, string name) => Array.Exists(patterns, pattern => NamePattern.IsMatch(pattern, name));
}
