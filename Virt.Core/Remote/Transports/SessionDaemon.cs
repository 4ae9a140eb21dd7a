using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>
/// Starts the user's session daemon when none runs. This side binds the socket and hands it to the daemon as systemd's socket
/// activation does (sd_listen_fds(3)), so a connection waits in the socket's queue until the daemon is ready, and nobody polls.
/// A lock on a file beside the socket decides between clients that start it at once.
/// </summary>
/// <param name="executable">The daemon; null finds the installed one when it is needed.</param>
/// <param name="logFolder">Where its standard error goes; null for the user's folder of logs.</param>
/// <param name="variables">Added to its environment.</param>
internal sealed class SessionDaemon(
    string? executable = null, string? logFolder = null, params (string Name, string Value)[] variables)
{
    private const string Executable = "virtd";
    private const string Variable = "VIRTD";
    private const int Backlog = 512;
    private const string IdleSeconds = "120";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The folder of the session daemon's socket.</summary>
    public static string RunFolder() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
            ? Path.Combine(runtime, "virt")
            : Path.Combine(CacheFolder(), "run");

    /// <summary>Starts the daemon unless another client has, and connects.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="connect">Connects; null when nobody listens.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public async ValueTask<Stream> StartAsync(string path, Func<ValueTask<Stream?>> connect, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw VirtException.Create(
                VirtErrorCode.NoSupport, "a session daemon runs on Linux only", path, "Connect to a Linux host, for example with qemu+ssh://HOST/session or qemu://HOST/system.");
        }

        string program = executable ?? Find();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            using SafeFileHandle held = await FileLock.TakeAsync(path + ".lock", cancel).ConfigureAwait(false);
            if (await connect().ConfigureAwait(false) is { } other)
                return other;

            Launch(program, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            throw Fault($"the session daemon's socket {path} cannot be made: {e.Message}", path, "Check XDG_RUNTIME_DIR and its rights.", e);
        }

        return await connect().ConfigureAwait(false)
            ?? throw Fault($"the session daemon {program} has ended at once", path, $"Its reasons are at the end of {LogFile()}.");
    }

    [SupportedOSPlatform("linux")]
    private void Launch(string program, string path)
    {
        // .NET deletes the file that a socket was bound to when this process closes it, but the socket is the daemon's from now
        // on. So it is bound to another name and renamed, which replaces what an earlier daemon left behind as well.
        string bound = path + ".new";
        File.Delete(bound);
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(bound));
        File.SetUnixFileMode(bound, OwnerOnly);
        listener.Listen(Backlog);
        DetachedProcess.Start(
            program, ["--session", "--timeout", IdleSeconds], [.. variables, ("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", Path.GetFileName(path))], listener, LogFile());
        File.Move(bound, path, overwrite: true);
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw Fault($"{Variable} names {named}, which does not exist", named, $"Correct the environment variable {Variable} or unset it.");
        }

        string beside = Folder();
        string[] path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        string[] candidates =
        [
            Path.Combine(beside, "..", Executable, Executable),
            Path.Combine(beside, Executable, Executable),
            .. path.Where(Path.IsPathRooted).Select(directory => Path.Combine(directory, Executable)),
        ];
        return candidates.FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw Fault(
                "no session daemon runs, and virtd was not found to start one", Executable,
                $"Install virtd in a folder of PATH, or set {Variable} to its path.");
    }

    // In pwsh the program's own folder is PowerShell's, and the module's is asked for, in whose folder lib we lie. Compiled into a
    // program, we lie in its folder.
    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty where it is compiled into the program.")]
    private static string Folder()
    {
        if (Path.GetDirectoryName(typeof(SessionDaemon).Assembly.Location) is not { Length: > 0 } folder)
            return AppContext.BaseDirectory;
        return Path.GetFileName(folder) == "lib" ? Path.GetDirectoryName(folder)! : folder;
    }

    private string LogFile()
    {
        string folder = logFolder ?? Path.Combine(CacheFolder(), "log");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, "virtd.log");
    }

    private static string CacheFolder() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache)
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "virt");

    private static VirtConnectionException Fault(string message, string target, string action, Exception? cause = null) =>
        new(VirtErrorCode.SystemError, message, target, action, cause);
}
