using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>Closes the session's connections when the module is removed.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => RunspaceSessions.CloseCurrent();
}
