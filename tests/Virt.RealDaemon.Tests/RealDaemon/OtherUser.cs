using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Another user of the machine, who may do nothing that not everybody may: a real process of its own that speaks to a virtd.</summary>
internal sealed class OtherUser : IDisposable
{
    private readonly string _scripts = Directory.CreateTempSubdirectory("virt-client-").FullName;

    public OtherUser()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv, to become another user");
        Assert.SkipUnless(
            File.Exists("/usr/bin/python3") && Directory.Exists("/usr/lib/python3/dist-packages/msgpack"), "python3-msgpack is not installed");
        File.SetUnixFileMode(_scripts, (UnixFileMode)0x1ed);
        foreach (string script in (string[])["list_domains.py", "call.py"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, script), Path.Combine(_scripts, script));
    }

    /// <summary>A folder in which everybody may do everything.</summary>
    public static string MakeSharedFolder(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0x1ff);
        return path;
    }

    /// <summary>Writes a program that everybody may run, with <c>sh</c>.</summary>
    public static string WriteProgram(string path, string text)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)0x1ed);
        return path;
    }

    /// <summary>Calls a procedure.</summary>
    /// <param name="socket">Virtd's.</param>
    /// <param name="procedure">The procedure's number.</param>
    /// <param name="arguments">Its arguments, which JSON can say.</param>
    /// <returns>The exit code, the answer in JSON, and the error.</returns>
    public Task<(int ExitCode, string Output, string Error)> CallAsync(string socket, int procedure, params object?[] arguments) =>
        VirtdProcess.RunAsync(new ProcessStartInfo(
            "/usr/bin/setpriv",
            [
                "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/bin/python3", Path.Combine(_scripts, "call.py"), socket, "qemu:///system",
                procedure.ToString(CultureInfo.InvariantCulture), JsonSerializer.Serialize(arguments),
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        });

    /// <summary>Connects many times as a user, says no word, and stays until the process is killed.</summary>
    public static async Task<Process> HoldAsync(string socket, int connections, string user)
    {
        const string Script = """
            import socket, sys
            held = []
            for _ in range(int(sys.argv[2])):
                one = socket.socket(socket.AF_UNIX)
                one.connect(sys.argv[1])
                held.append(one)
            print("held", flush=True)
            sys.stdin.read()
            """;
        Process process = Process.Start(new ProcessStartInfo(
            "/usr/bin/setpriv",
            ["--reuid", user, "--clear-groups", "/usr/bin/python3", "-c", Script, socket, connections.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true,
        })!;
        Assert.Equal("held", await process.StandardOutput.ReadLineAsync());
        return process;
    }

    public void Dispose() => Directory.Delete(_scripts, recursive: true);
}
