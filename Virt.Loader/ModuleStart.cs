using System.Management.Automation;

namespace Virt.Loader;

/// <summary>
/// Called by PowerShell when it imports this assembly as the module's nested module: before it looks at the cmdlets, whose types
/// need Virt.Core.
/// </summary>
public sealed class ModuleStart : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() =>
        LibraryContext.Install(Path.Combine(Path.GetDirectoryName(typeof(ModuleStart).Assembly.Location)!, "lib"));
}
