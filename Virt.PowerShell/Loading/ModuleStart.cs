using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>
/// Called by PowerShell when it imports the module, after it has loaded the public types of this assembly and before it looks at
/// them. Until then there is no Virt.Core: no public type may be laid out by one of its enumerations or structures, or derive from
/// one of its types.
/// </summary>
public sealed class ModuleStart : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => LibraryContext.Install(Path.Combine(Path.GetDirectoryName(typeof(ModuleStart).Assembly.Location)!, "lib"));
}
