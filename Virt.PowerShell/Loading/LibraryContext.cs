using System.Reflection;
using System.Runtime.Loader;

namespace Virt.PowerShell;

/// <summary>
/// Where the module's libraries are loaded: apart from the default context, which all modules of a PowerShell share and in which
/// there can be but one version of an assembly.
/// </summary>
/// <param name="folder">The folder of the libraries.</param>
internal sealed class LibraryContext(string folder) : AssemblyLoadContext("Virt")
{
    private const string Core = "Virt.Core";

    private static readonly Lock Gate = new();
    private static LibraryContext? _only;

    /// <summary>Answers for Virt.Core in the default context from now on; once is enough for a process.</summary>
    public static void Install(string folder)
    {
        lock (Gate)
        {
            if (_only is not null)
                return;
            _only = new LibraryContext(folder);
            Default.Resolving += static (_, name) => _only.Find(name);
        }
    }

    // The framework's and PowerShell's own assemblies are not in the folder: they come from the default context.
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string file = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }

    // Whoever else asks for another version of it has one of their own in mind.
    private Assembly? Find(AssemblyName name) =>
        name.Name == Core && name.Version == typeof(LibraryContext).Assembly.GetName().Version ? LoadFromAssemblyName(name) : null;
}
