using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Virt.Connections;
using Virt.Fuzz.Engine;

namespace Virt.Fuzz.Load;

/// <summary>A real virtd on a folder of its own, with unix and tcp sockets, and what it takes of the machine.</summary>
internal sealed partial class LoadDaemon : IAsyncDisposable
{
    public const string User = "load";
    public const string Password = "of stones";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _program;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _root = Directory.CreateTempSubdirectory("vl-").FullName;
    private Process? _process;
    private string? _tcp;
    private readonly ConcurrentDictionary<string, int> _ends = new(StringComparer.Ordinal);
    private long _lines;

    private LoadDaemon(string program) => _program = program;

    /// <summary>Why it says that clients have gone, and how often.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    /// <summary>Lines it has logged.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Its unix socket.</summary>
    public string Socket => Path.Combine(_root, "run/virt/virtd.sock");

    /// <summary>Address and port of its tcp socket.</summary>
    public string Tcp => _tcp!;

    /// <summary>Starts one and waits until it is ready.</summary>
    public static async Task<LoadDaemon> StartAsync(string program)
    {
        var daemon = new LoadDaemon(program);
        Directory.CreateDirectory(Path.Combine(daemon._root, "etc/virt"));
        await File.WriteAllTextAsync(Path.Combine(daemon._root, "etc/virt/virtd.json"), """{ "tcp": { "enabled": true, "port": 0 } }""");
        await daemon.AddUserAsync();
        daemon._process = Process.Start(new ProcessStartInfo(program, ["--root", daemon._root]) { RedirectStandardError = true })!;
        daemon._process.ErrorDataReceived += (_, line) => daemon.Read(line.Data);
        daemon._process.BeginErrorReadLine();
        await daemon._ready.Task.WaitAsync(Patience);
        return daemon;
    }

    /// <summary>A good client by unix.</summary>
    public ValueTask<VirtConnection> OpenAsync() => VirtConnection.OpenAsync($"test+unix:///default?socket={Socket}&connect_timeout=60");

    /// <summary>A good client by tcp.</summary>
    public ValueTask<VirtConnection> OpenTcpAsync() =>
        VirtConnection.OpenAsync($"test+tcp://{Tcp}/default?connect_timeout=60", OpenOptions.None, ConnectAuth.FromCredential(User, Password));

    /// <summary>Its resident memory now and at its highest, in bytes.</summary>
    public (long Now, long Peak) Memory()
    {
        string[] status = File.ReadAllLines($"/proc/{_process!.Id}/status");
        return (Kibibytes("VmRSS:"), Kibibytes("VmHWM:"));

        long Kibibytes(string name) => long.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>How many descriptors it has open; the runtime keeps one of each assembly and symbol file that it has loaded, and they do not count.</summary>
    public int Descriptors() => new DirectoryInfo($"/proc/{_process!.Id}/fd").EnumerateFileSystemInfos()
        .Count(entry => entry.LinkTarget is { } target && Path.GetExtension(target) is not (".dll" or ".pdb"));

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Virt.Daemon.Hosting.Posix.Terminate(_process.Id);
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }

        _process?.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private async Task AddUserAsync()
    {
        using Process adding = Process.Start(new ProcessStartInfo(_program, ["user", "add", User, "--root", _root])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        await adding.StandardInput.WriteLineAsync(Password);
        adding.StandardInput.Close();
        await adding.WaitForExitAsync().WaitAsync(Patience);
        if (adding.ExitCode != 0)
            throw new InvalidOperationException($"virtd user add ended with {adding.ExitCode}");
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("virtd ended before it was ready"));
            return;
        }

        Interlocked.Increment(ref _lines);
        if (Disconnected().Match(line) is { Success: true } gone)
            _ends.AddOrUpdate(Outcome.Shape(gone.Groups[1].Value), 1, (_, count) => count + 1);
        if (_tcp is null && Listening().Match(line) is { Success: true } match)
            _tcp = match.Groups[1].Value;
        if (line.Contains("Ready", StringComparison.OrdinalIgnoreCase) && File.Exists(Socket))
            _ready.TrySetResult();
    }

    [GeneratedRegex(@"Client \d+ disconnected: (.+)")]
    private static partial Regex Disconnected();

    [GeneratedRegex(@"tcp (127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
