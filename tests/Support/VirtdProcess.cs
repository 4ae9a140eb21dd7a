using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Virt.Connections;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A real virtd on a folder of its own. What it logged is in the message when it does not get ready.</summary>
internal sealed class VirtdProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly StringBuilder _log = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _waiters = [];
    private readonly bool _ownsRoot;
    private readonly string[] _prefix;
    private Process? _process;

    private VirtdProcess(string? root, string[] prefix)
    {
        _prefix = prefix;
        _ownsRoot = root is null;
        Root = root ?? Directory.CreateTempSubdirectory("virtd-").FullName;
    }

    public string Root { get; }

    public string Socket => Path.Combine(Root, "run/virt/virtd.sock");

    public string ReadOnlySocket => Path.Combine(Root, "run/virt/virtd-ro.sock");

    public int ProcessId => _process!.Id;

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public string Uri(string name = "qemu:///system") => name.Replace("://", "+unix://", StringComparison.Ordinal) + "?socket=" + Socket;

    /// <summary>Starts a daemon and waits for its READY.</summary>
    /// <param name="root">The folder; a new one, removed at the end, when null.</param>
    /// <param name="config">The text of virtd.json.</param>
    /// <param name="prefix">What its command line begins with, to run it elsewhere.</param>
    public static async Task<VirtdProcess> StartAsync(string? root = null, string? config = null, string[]? prefix = null)
    {
        var daemon = new VirtdProcess(root, prefix ?? []);
        try
        {
            if (config is not null)
            {
                Directory.CreateDirectory(Path.Combine(daemon.Root, "etc/virt"));
                await File.WriteAllTextAsync(Path.Combine(daemon.Root, "etc/virt/virtd.json"), config);
            }

            await daemon.StartAgainAsync();
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line of a virtd command on this root.</summary>
    public static ProcessStartInfo Command(params string[] arguments)
    {
        string built = Path.Combine(AppContext.BaseDirectory, "virtd");
        return new ProcessStartInfo(Environment.GetEnvironmentVariable("VIRT_DAEMON") is { Length: > 0 } given ? given : built, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo command, string input = "")
    {
        using Process process = Process.Start(command)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts it on the same root, after it has ended.</summary>
    public async Task StartAgainAsync()
    {
        string notify = Path.Combine(Root, "notify");
        File.Delete(notify);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(notify));
        ProcessStartInfo start = Command("--root", Root);
        if (_prefix is [var program, .. var rest])
        {
            string[] arguments = [.. rest, start.FileName, .. start.ArgumentList];
            start.FileName = program;
            start.ArgumentList.Clear();
            foreach (string argument in arguments)
                start.ArgumentList.Add(argument);
        }

        start.RedirectStandardInput = false;
        start.Environment["NOTIFY_SOCKET"] = notify;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.AppendLine(line.Data);
                string log = _log.ToString();
                foreach ((Func<string, bool> wanted, TaskCompletionSource<string> seen) in _waiters)
                {
                    if (wanted(log))
                        seen.TrySetResult(log);
                }
            }
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();

        var buffer = new byte[1024];
        using var limit = new CancellationTokenSource(Patience);
        Task exited = _process.WaitForExitAsync(limit.Token);
        Task<int> ready = socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask();
        if (await Task.WhenAny(exited, ready) == exited)
            throw new InvalidOperationException($"virtd did not get ready:\n{Log}");
        Assert.StartsWith("READY=1", Encoding.UTF8.GetString(buffer, 0, await ready), StringComparison.Ordinal);
    }

    /// <summary>Waits until the log is as wanted, and returns it: it arrives a little after what it tells of.</summary>
    public Task<string> LogAsync(Func<string, bool> wanted)
    {
        lock (_log)
        {
            if (wanted(_log.ToString()))
                return Task.FromResult(_log.ToString());
            TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, seen));
            return seen.Task.WaitAsync(Patience);
        }
    }

    public ValueTask<VirtConnection> ConnectAsync(string name = "qemu:///system", OpenOptions options = OpenOptions.None) =>
        VirtConnection.OpenAsync(Uri(name), options, cancel: TestContext.Current.CancellationToken);

    /// <summary>SIGTERM, and its end.</summary>
    public async Task<int> StopAsync()
    {
        Virt.Daemon.Hosting.Posix.Terminate(ProcessId);
        await _process!.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAsync();
        GuestProcesses.KillBelow(Root);
        _process?.Dispose();
        if (_ownsRoot)
            Directory.Delete(Root, recursive: true);
    }
}
