using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using ErrorRecord = System.Management.Automation.ErrorRecord;

namespace Virt.PowerShell;

/// <summary>Finds the connected hosts that identities mean.</summary>
internal static class HostLookup
{
    /// <summary>The hosts; a name without wildcards that no connected host has is an error.</summary>
    public static IReadOnlyList<VirtHost> Find(
        Cmdlet command, IReadOnlyList<VirtHost> connected, IReadOnlyList<HostIdentity> identities)
    {
        var found = new List<VirtHost>();
        foreach (HostIdentity identity in identities)
        {
            VirtHost[] matching = identity.Host is { } known ? [known] : [.. connected.Where(identity.Matches)];
            if (matching.Length == 0 && !NamePattern.HasWildcard(identity.Text))
                command.WriteError(NotConnected(identity));
            found.AddRange(matching.Except(found));
        }

        return found;
    }

    public static ErrorRecord NotConnected(HostIdentity identity) => ErrorMap.Make(
        VirtException.Create(
            VirtErrorCode.InvalidConnection, $"no connected host is called '{identity.Text}'", identity.Text,
            "Connect-VirtHost opens a connection; Get-VirtHost shows those that are open."),
        "VirtHostNotConnected", ErrorCategory.ObjectNotFound, identity.Text);
}
