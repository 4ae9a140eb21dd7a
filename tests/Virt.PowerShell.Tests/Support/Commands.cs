using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>The commands of the module.</summary>
internal static class Commands
{
    private static readonly Lazy<Dictionary<string, CmdletInfo>> Infos = new(Ask);

    public static IReadOnlyList<Type> All { get; } =
        [.. typeof(VirtCommand).Assembly.GetTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null)];

    /// <summary>Their names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(NameOf).Order(StringComparer.Ordinal)];

    public static CmdletAttribute About(Type type) => type.GetCustomAttribute<CmdletAttribute>()!;

    public static string NameOf(Type type) => $"{About(type).VerbName}-{About(type).NounName}";

    /// <summary>What the engine knows of a command; it is read from all tests, which only look at it.</summary>
    public static CmdletInfo InfoOf(string name) => Infos.Value[name];

    public static Type ByName(string name) => All.Single(type => NameOf(type) == name);

    private static Dictionary<string, CmdletInfo> Ask()
    {
        using Runspace runspace = Engine.Open(new LabHost());
        using Shell shell = Shell.Create(runspace);
        Dictionary<string, CmdletInfo> infos = shell.AddCommand("Get-Command").AddParameter("Name", All.Select(NameOf).ToArray())
            .Invoke<CmdletInfo>().ToDictionary(info => info.Name);
        // They are worked out when they are first asked for, which needs the runspace.
        Assert.All(infos.Values, info => Assert.NotEmpty(info.ParameterSets));
        Assert.All(infos.Values, info => Assert.NotEmpty(info.Parameters));
        Assert.All(infos.Values, info => Assert.NotNull(info.OutputType));
        return infos;
    }
}
