using System.Management.Automation;
using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Gets domains: without arguments the active ones, as <c>virsh list</c> does.</summary>
[Cmdlet(VerbsCommon.Get, "VirtDomain", DefaultParameterSetName = NameSet)]
[OutputType(typeof(VirtDomain))]
public sealed class GetVirtDomainCommand : HostCommand
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";
    private const string UuidSet = "Uuid";

    /// <summary>Names, also with wildcards. All domains are searched, the inactive too.</summary>
    [Parameter(ParameterSetName = NameSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Domain", "VMName")]
    [ArgumentCompleter(typeof(DomainNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Runtime ids of active domains.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    /// <summary>Identities.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public Guid[]? Uuid { get; set; }

    /// <summary>The inactive domains too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Only domains in one of these states.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DomainState[]? State { get; set; }

    /// <summary>Only domains with a definition that outlives the run; $false for only transient ones.</summary>
    [Parameter]
    public SwitchParameter Persistent { get; set; }

    /// <summary>Only transient domains.</summary>
    [Parameter]
    public SwitchParameter Transient { get; set; }

    /// <summary>Only domains that start with their host; -Autostart:$false for the others.</summary>
    [Parameter]
    public SwitchParameter Autostart { get; set; }

    /// <summary>Only domains with a managed save; -HasSavedState:$false for those without.</summary>
    [Parameter]
    public SwitchParameter HasSavedState { get; set; }

    /// <summary>Only domains with snapshots; -HasSnapshot:$false for those without.</summary>
    [Parameter]
    public SwitchParameter HasSnapshot { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        DomainIdentity[] identities = Name is null && Id is null && Uuid is null ? [] : Identities();
        DomainFilter filter = Filter(searchAll: identities.Length > 0);
        if (identities.Length == 0)
        {
            foreach (VirtHost host in hosts)
                Begin(host, cancel => ListAsync(host, filter, cancel));
            WriteUntilDone();
            return;
        }

        var written = new HashSet<(VirtHost, Guid)>();
        foreach (FoundDomain found in Await(cancel => DomainLookup.FindAsync(this, hosts, identities, cancel)))
        {
            if (written.Add((found.Domain.VirtHost, found.Domain.Uuid)) && filter.Matches(found.Domain.Record))
                WriteObject(found.Domain);
        }
    }

    private DomainIdentity[] Identities() => ParameterSetName switch
    {
        IdSet => [.. Id!.Select(id => new DomainIdentity(id))],
        UuidSet => [.. Uuid!.Select(uuid => new DomainIdentity(uuid))],
        _ => [.. (Name ?? []).Where(name => !string.IsNullOrWhiteSpace(name)).Select(name => new DomainIdentity(name))],
    };

    private DomainFilter Filter(bool searchAll)
    {
        if (Persistent && Transient)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                new VirtException(VirtErrorCode.InvalidArgument, "-Persistent and -Transient exclude each other"), null));
        }

        return new DomainFilter(
            Active: All || searchAll || State is not null ? null : true,
            States: State,
            Persistent: Transient ? false : Given(Persistent, nameof(Persistent)),
            Autostart: Given(Autostart, nameof(Autostart)),
            HasSavedState: Given(HasSavedState, nameof(HasSavedState)),
            HasSnapshot: Given(HasSnapshot, nameof(HasSnapshot)));
    }

    private bool? Given(SwitchParameter value, string parameter) =>
        MyInvocation.BoundParameters.ContainsKey(parameter) ? value.IsPresent : null;

    [AsyncMethodBuilder(typeof(SeldomTask))]
    private async Task ListAsync(VirtHost host, DomainFilter filter, CancellationToken cancel)
    {
        IReadOnlyList<DomainRecord> records = await CallAsync(
            host, "ListDomains", (driver, token) => driver.ListDomainsAsync(filter, token), cancel).ConfigureAwait(false);
        foreach (DomainRecord record in records)
            Emit(new VirtDomain(host, record));
    }
}
