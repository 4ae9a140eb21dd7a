using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Virt.PowerShell;

/// <summary>
/// One session per runspace: connections carry credentials, and the runspaces of one process may belong to different users.
/// A runspace that closes takes its connections with it.
/// </summary>
internal static class RunspaceSessions
{
    private static readonly ConditionalWeakTable<Runspace, HostSession> Sessions = [];

    /// <summary>The session of the runspace that runs on this thread.</summary>
    public static HostSession Current => Sessions.GetValue(
        Runspace.DefaultRunspace ?? throw new InvalidOperationException("Virt's commands need a PowerShell runspace."),
        static runspace => EndWith(runspace, new HostSession()));

    /// <summary>Gives a runspace its session before its first command does.</summary>
    public static void Begin(Runspace runspace, HostSession session) => Sessions.Add(runspace, EndWith(runspace, session));

    /// <summary>Ends the event subscriptions and closes the connections of the runspace that runs on this thread.</summary>
    public static void CloseCurrent()
    {
        if (Runspace.DefaultRunspace is not { } runspace || !Sessions.TryGetValue(runspace, out HostSession? session))
            return;
        foreach (PSEventSubscriber subscriber in runspace.Events.Subscribers.Where(one => one.SourceObject is VirtEventSource).ToArray())
            runspace.Events.UnsubscribeEvent(subscriber);
        Sessions.Remove(runspace);
        Blocking.Run(_ => session.DisposeAsync().AsTask());
    }

    private static HostSession EndWith(Runspace runspace, HostSession session)
    {
        runspace.StateChanged += (_, change) =>
        {
            // Who closes the runspace, often on the way out of the process, waits for no goodbyes.
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
                _ = Task.Run(() => session.DisposeAsync().AsTask());
        };
        return session;
    }
}
