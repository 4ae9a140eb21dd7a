using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>Ends the session's event subscriptions and connections when the module is removed.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => RunspaceSessions.CloseCurrent();
}
