using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>States in the words of sentences.</summary>
internal static class StateWords
{
    public static string InWords(this DomainState state) => state switch
    {
        DomainState.Running or DomainState.Blocked => "running",
        DomainState.Paused => "paused",
        DomainState.Shutdown => "stopping",
        DomainState.Shutoff => "stopped",
        DomainState.Crashed => "crashed",
        DomainState.PMSuspended => "sleeping",
        _ => "the",
    };
}
