using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>
/// The base of commands that change domains: -WhatIf and -Confirm say the effect, -PassThru returns the domain.
/// </summary>
public abstract class DomainChangeCommand : DomainCommand
{
    private int _accepted;
    private int _done;

    /// <summary>Returns the domain as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What the command does, as the heading of its progress.</summary>
    internal abstract string Activity { get; }

    /// <summary>The effect in words, as -WhatIf and -Confirm show it.</summary>
    internal abstract string Effect(VirtDomain domain);

    /// <summary>Makes the change; returns the domain as it is afterwards.</summary>
    internal abstract Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (_accepted > 1)
            WriteProgress(new ProgressRecord(0, Activity, "Done") { RecordType = ProgressRecordType.Completed });
    }

    internal sealed override bool Accept(VirtDomain domain)
    {
        string effect = $"{Effect(domain)} on {domain.VirtHost.Name}";
        bool accepted = ShouldProcess(effect, effect + "?", "Confirm");
        if (accepted)
            Interlocked.Increment(ref _accepted);
        return accepted;
    }

    internal sealed override async Task WorkAsync(VirtDomain domain, CancellationToken cancel)
    {
        try
        {
            DomainRecord after = await ChangeAsync(domain, cancel).ConfigureAwait(false);
            if (PassThru)
                Emit(new VirtDomain(domain.VirtHost, after));
        }
        finally
        {
            ShowProgress(Interlocked.Increment(ref _done), Volatile.Read(ref _accepted));
        }
    }

    /// <summary>Says that nothing had to be done.</summary>
    internal void WarnAlready(VirtDomain domain, string state) =>
        Warn($"The domain '{domain.Name}' on {domain.VirtHost.Name} is already {state}.");

    private void ShowProgress(int done, int accepted)
    {
        if (accepted > 1)
            Progress(new ProgressRecord(0, Activity, $"{done} of {accepted}") { PercentComplete = done * 100 / accepted });
    }
}
