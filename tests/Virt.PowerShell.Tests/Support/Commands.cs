using System.Management.Automation;
using System.Reflection;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>The commands of the module.</summary>
internal static class Commands
{
    public static IReadOnlyList<Type> All { get; } =
        [.. typeof(VirtCommand).Assembly.GetTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null)];

    /// <summary>Their names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(NameOf).Order(StringComparer.Ordinal)];

    public static CmdletAttribute About(Type type) => type.GetCustomAttribute<CmdletAttribute>()!;

    public static string NameOf(Type type) => $"{About(type).VerbName}-{About(type).NounName}";

    public static Type ByName(string name) => All.Single(type => NameOf(type) == name);
}
