using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Virt.Errors;
using Virt.Native;

namespace Virt.Remote.Transports;

/// <summary>
/// Starts a process that outlives this one: in a session of its own, in the root folder, with nothing inherited but a listening
/// socket, which it gets as systemd's socket activation gives it (descriptor 3).
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class DetachedProcess
{
    private const int FirstPassedDescriptor = 3;
    private const int ReadOnly = 0;
    private const int AppendOnly = 0x1 | 0x40 | 0x400;
    private const int NoHang = 1;

    private static readonly string[] NotPassedOn = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "JOURNAL_STREAM"];

    /// <summary>Starts the process.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static void Start(
        string executable, IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> variables, Socket listener, string log)
    {
        using PosixSpawn spawn = new(FirstPassedDescriptor + 1);
        spawn.ChangeFolder("/");
        spawn.Open(0, "/dev/null", ReadOnly);
        spawn.Open(1, "/dev/null", AppendOnly);
        spawn.Open(2, log, AppendOnly, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        spawn.Map(listener.SafeHandle, FirstPassedDescriptor);
        ReapWhenItEnds(spawn.Start(executable, arguments, [.. EnvironmentWith(variables)]));
    }

    private static IEnumerable<string> EnvironmentWith(IReadOnlyList<(string Name, string Value)> variables)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!NotPassedOn.Contains(name, StringComparer.Ordinal) && !variables.Any(added => added.Name == name))
                yield return $"{name}={variable.Value}";
        }

        foreach ((string name, string value) in variables)
            yield return $"{name}={value}";
    }

    /// <summary>Should the daemon end before this process, it would stay in the process table until somebody has asked for its status.</summary>
    private static void ReapWhenItEnds(int processId)
    {
        PosixSignalRegistration? registration = null;
        registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ =>
        {
            if (WaitForProcess(processId, null, NoHang) != 0)
                registration?.Dispose();
        });
    }

    [LibraryImport(LibC.Name, EntryPoint = "waitpid")]
    private static partial int WaitForProcess(int processId, int* status, int options);
}
