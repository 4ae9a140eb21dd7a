using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>The base of commands that work on the session's hosts, or on those that -VirtHost names.</summary>
public abstract class HostCommand : HostCommandBase
{
    /// <summary>The hosts to work on: connected hosts, their names or their URIs. Without it, the default hosts.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Server", "ComputerName")]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    [ValidateNotNullOrEmpty]
    public HostIdentity[]? VirtHost { get; set; }

    /// <summary>The hosts that are meant; none connected opens the default URI.</summary>
    internal IReadOnlyList<VirtHost> MeantHosts() => VirtHost is { Length: > 0 } ? NamedHosts(VirtHost) : DefaultHosts();

    /// <summary>Whether -VirtHost leaves room for this host.</summary>
    internal bool IsMeant(VirtHost host) => VirtHost is null || VirtHost.Any(identity => identity.Matches(host));

    private VirtHost[] NamedHosts(HostIdentity[] identities)
    {
        var hosts = new List<VirtHost>();
        foreach (HostIdentity identity in identities)
        {
            if (identity.Host is not null)
            {
                hosts.Add(identity.Host);
                continue;
            }

            int before = hosts.Count;
            hosts.AddRange(Session.Hosts.Where(identity.Matches));
            if (hosts.Count == before && !Domains.NamePattern.HasWildcard(identity.Text))
                ThrowTerminatingError(HostLookup.NotConnected(identity));
        }

        return [.. hosts.Distinct()];
    }

    private IReadOnlyList<VirtHost> DefaultHosts()
    {
        if (SessionState.PSVariable.GetValue(DefaultHostsVariable) is { } value && ChosenHosts(value) is { Count: > 0 } chosen)
            return chosen;
        bool none = Session.Defaults.Count == 0;
        IReadOnlyList<VirtHost> hosts = AwaitOrEnd(null, cancel => Session.DefaultsAsync(Authentication(null), cancel));
        if (none)
            PublishDefaults();
        return hosts;
    }

    // The user may put hosts into the variable too, one or many; what is closed does not count.
    private static List<VirtHost> ChosenHosts(object value)
    {
        object bare = Unwrap(value);
        IEnumerable<object> values = bare is System.Collections.IEnumerable many ? many.Cast<object>() : [bare];
        return [.. values.Select(Unwrap).OfType<VirtHost>().Where(host => !host.Closed)];
    }

    private static object Unwrap(object value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
