namespace Virt.PowerShell;

/// <summary>The base of commands that know the session's hosts.</summary>
public abstract class HostCommandBase : VirtCommand
{
    internal const string DefaultHostsVariable = "global:DefaultVirtHosts";

    /// <summary>Publishes the default hosts in $DefaultVirtHosts.</summary>
    internal void PublishDefaults() => SessionState.PSVariable.Set(DefaultHostsVariable, Session.Defaults.ToArray());
}
