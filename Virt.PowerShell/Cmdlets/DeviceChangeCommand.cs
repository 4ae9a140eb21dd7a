using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>
/// The base of commands that change devices: -Scope says where the change goes, and what waits for the next start is warned of. The
/// devices of one domain are changed one after the other, the domains side by side.
/// </summary>
public abstract class DeviceChangeCommand : DeviceCommand
{
    /// <summary>Where the change goes: the running guest, the definition, or both.</summary>
    [Parameter]
    public ChangeScope Scope { get; set; }

    internal override DeviceQuery Query => new([Kind], Inactive: Scope == ChangeScope.Config);

    /// <summary>The element of the devices.</summary>
    internal abstract string Kind { get; }

    /// <summary>Asks with -WhatIf and -Confirm in words for the effect.</summary>
    internal bool Agreed(VirtDomain domain, string effect)
    {
        string where = Scope == ChangeScope.Current ? "" : $" ({Scope})";
        string sentence = $"{effect}{where} on {domain.VirtHost.Name}";
        return ShouldProcess(sentence, sentence + "?", "Confirm");
    }

    /// <summary>Makes changes one after the other; a failure is an error about its target and does not stop the next.</summary>
    internal void BeginEach<T>(IReadOnlyList<T> targets, Func<T, CancellationToken, Task> change)
        where T : class
    {
        if (targets.Count == 0)
            return;
        Begin(null, async cancel =>
        {
            foreach (T target in targets)
            {
                try
                {
                    await change(target, cancel).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OperationCanceledException || !cancel.IsCancellationRequested)
                {
                    Fail(failure, target);
                }
            }
        });
    }

    /// <summary>Tells what a person should know of a change: a warning where it is not what was to be expected.</summary>
    internal void Tell(DeviceChange change)
    {
        DomainRecord domain = change.Domain;
        bool waits = domain.IsActive && change.Applied == ChangeScope.Config && Scope != ChangeScope.Config;
        bool passes = change.Applied == ChangeScope.Live && domain.Persistent && Scope != ChangeScope.Live;
        foreach (string note in change.Notes)
        {
            if (waits || passes)
                Warn(ErrorMap.Sentence(note));
            else
                Verbose(ErrorMap.Sentence(note));
        }

        if (change.Notes.Count > 0)
            return;
        if (waits)
            Warn($"The change of '{domain.Name}' waits for its next start.");
        else if (passes)
            Warn($"The change of '{domain.Name}' is in the running guest alone and gone with its next start; -Scope Both makes it last.");
    }

    /// <summary>The device as it is after a change.</summary>
    internal static VirtDevice After(VirtDomain domain, string kind, DeviceChange change) =>
        Wrap(
            new VirtDomain(domain.VirtHost, change.Domain),
            new DeviceRecord(kind, change.Xml, AliasOf(change), change.Applied, null, []));

    private static string? AliasOf(DeviceChange change) => change.Applied == ChangeScope.Config
        ? null
        : (string?)System.Xml.Linq.XElement.Parse(change.Xml).Element("alias")?.Attribute("name");
}
