namespace Virt.PowerShell;

/// <summary>Completes secrets: whom they are for, or their uuid.</summary>
public sealed class SecretCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Secrets(word, typedHosts);
}
