using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Virt.Tests.PowerShell;

/// <summary>
/// PowerShell's engine in this process: runspaces that have the module's commands, types and views, and nothing of the user.
/// </summary>
internal static class Engine
{
    private static readonly Lazy<InitialSessionState> State = new(Prepare);

    /// <summary>A new runspace. The commands are put into it by their types, so that no module is loaded from a file.</summary>
    public static Runspace Open(PSHost host)
    {
        Runspace runspace = RunspaceFactory.CreateRunspace(host, State.Value);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        return runspace;
    }

    // The engine reads these once, when it is first used.
    [ModuleInitializer]
    internal static void LeaveTheUserAlone()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        Environment.SetEnvironmentVariable("POWERSHELL_UPDATECHECK", "Off");
        // It makes folders for modules, caches and settings.
        foreach (string kind in (string[])["CACHE", "CONFIG", "DATA"])
            Environment.SetEnvironmentVariable($"XDG_{kind}_HOME", Path.Combine(AppContext.BaseDirectory, "home", kind));
    }

    private static InitialSessionState Prepare()
    {
        var state = InitialSessionState.CreateDefault();
        foreach (Type type in Commands.All)
            state.Commands.Add(new SessionStateCmdletEntry(Commands.NameOf(type), type, helpFileName: null));
        state.Formats.Add(new SessionStateFormatEntry(Path.Combine(AppContext.BaseDirectory, "Virt.format.ps1xml")));
        state.Variables.Add(new SessionStateVariableEntry(
            "PSModuleAutoLoadingPreference", PSModuleAutoLoadingPreference.None, "what the tests need is here"));
        return state;
    }
}
