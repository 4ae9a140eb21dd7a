using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>A domain that was found, and what the user gave to find it.</summary>
internal sealed record FoundDomain(VirtDomain Domain, object Input);

/// <summary>Finds the domains that identities mean: one call per host and kind of identity, all hosts at once.</summary>
internal static class DomainLookup
{
    /// <summary>
    /// The domains in the order of the identities. A name without wildcards, a uuid or an id that no host knows is an error about
    /// that identity; a host that fails is an error about that host.
    /// </summary>
    public static async Task<List<FoundDomain>> FindAsync(
        VirtCommand command, IReadOnlyList<VirtHost> hosts, IReadOnlyList<DomainIdentity> identities, CancellationToken cancel)
    {
        VirtDomain[]?[] perHost = await Task.WhenAll(hosts.Select(host => AskAsync(command, host, identities, cancel)))
            .ConfigureAwait(false);
        var found = new List<FoundDomain>();
        foreach (DomainIdentity identity in identities)
        {
            int before = found.Count;
            foreach (VirtDomain[] domains in perHost.OfType<VirtDomain[]>())
                found.AddRange(Choose(identity, domains).Select(domain => new FoundDomain(domain, identity.Input)));
            // What a host that failed has is not known, and that it failed has been said.
            if (found.Count == before && !identity.IsWildcard && !perHost.Contains(null))
                command.Fail(NotFound(identity, hosts), identity.Input);
        }

        return found;
    }

    private static async Task<VirtDomain[]?> AskAsync(
        VirtCommand command, VirtHost host, IReadOnlyList<DomainIdentity> identities, CancellationToken cancel)
    {
        try
        {
            var domains = new List<VirtDomain>();
            var known = new HashSet<Guid>();
            foreach (DomainFilter filter in Filters(identities))
            {
                IReadOnlyList<DomainRecord> records = await command.CallAsync(
                    host, "ListDomains", (driver, token) => driver.ListDomainsAsync(filter, token), cancel).ConfigureAwait(false);
                foreach (DomainRecord record in records)
                {
                    if (known.Add(record.Uuid))
                        domains.Add(new VirtDomain(host, record));
                }
            }

            return [.. domains];
        }
        catch (VirtException failure)
        {
            command.Fail(failure, host);
            return null;
        }
    }

    // Loops, not LINQ: each of its operators on values is compiled at the first command of a session.
    private static List<DomainFilter> Filters(IReadOnlyList<DomainIdentity> identities)
    {
        List<string> names = [];
        List<Guid> uuids = [];
        List<int> ids = [];
        foreach (DomainIdentity identity in identities)
        {
            if (identity.Pattern is { } pattern)
                names.Add(pattern);
            if (identity.Uuid is { } uuid)
                uuids.Add(uuid);
            if (identity.Id is { } id)
                ids.Add(id);
        }

        List<DomainFilter> filters = [];
        if (names.Count > 0)
            filters.Add(new DomainFilter(Names: names));
        if (uuids.Count > 0)
            filters.Add(new DomainFilter(Uuids: uuids));
        if (ids.Count > 0)
            filters.Add(new DomainFilter(Ids: ids));
        return filters;
    }

    // Names differ by case on a Linux host: the very name wins over one that is the same but for its case.
    private static VirtDomain[] Choose(DomainIdentity identity, VirtDomain[] domains)
    {
        VirtDomain[] matching = [.. domains.Where(domain => identity.Matches(domain.Record))];
        VirtDomain[] exact = [.. matching.Where(domain => identity.IsExactly(domain.Record))];
        return exact.Length > 0 ? exact : matching;
    }

    private static VirtException NotFound(DomainIdentity identity, IReadOnlyList<VirtHost> hosts)
    {
        string what = identity.Id is not null ? "runtime id" : identity.Pattern is null ? "uuid" : "name";
        return VirtException.Create(
            VirtErrorCode.NoDomain,
            $"no domain with the {what} '{identity}' on {string.Join(", ", hosts.Select(host => host.Name))}",
            identity.ToString(),
            "Get-VirtDomain -All lists the domains.");
    }
}
