using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>
/// The base of commands that change devices: -Scope says where the change goes, and what waits for the next start is warned of. The
/// devices of one domain are changed one after the other, the domains side by side.
/// </summary>
public abstract class DeviceChangeCommand : DeviceCommand
{
    // Not of the enumeration's type: see ModuleStart.
    private int _scope;

    /// <summary>Where the change goes: the running guest, the definition, or both.</summary>
    [Parameter]
    public ChangeScope Scope
    {
        get => (ChangeScope)_scope;
        set => _scope = (int)value;
    }

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

    /// <summary>Tells what a person should know of a change: a warning unless it is what -Scope asked for.</summary>
    internal void Tell(DeviceChange change)
    {
        foreach (string note in change.Notes)
        {
            if (Scope == change.Applied)
                Verbose(ErrorMap.Sentence(note));
            else
                Warn(ErrorMap.Sentence(note));
        }
    }

    /// <summary>The device as it is after a change.</summary>
    internal static VirtDevice After(VirtDomain domain, string kind, DeviceChange change, Storage.ImageRecord? image = null) =>
        Wrap(
            new VirtDomain(domain.VirtHost, change.Domain),
            new DeviceRecord(kind, change.Xml, AliasOf(change), change.Applied, image, []));

    private static string? AliasOf(DeviceChange change) => change.Applied == ChangeScope.Config
        ? null
        : (string?)System.Xml.Linq.XElement.Parse(change.Xml).Element("alias")?.Attribute("name");
}
