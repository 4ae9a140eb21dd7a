using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Virt.Remote.Transports;

namespace Virt.Tests.Core.Remote;

/// <summary>The start of a session daemon on demand, with a small program in its place.</summary>
[SupportedOSPlatform("linux")]
public sealed class SessionDaemonTests : IDisposable
{
    /// <summary>Says on each connection what it is and what it was given, then ends after the number of connections it expects.</summary>
    private const string Program = """
        #!/usr/bin/python3
        import os, socket, sys
        listener = socket.socket(fileno=3)
        open(os.environ["XDG_RUNTIME_DIR"] + "/started", "a").write("x")
        facts = [os.getpid(), os.getsid(0), os.getcwd(), os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"],
                 os.environ.get("LISTEN_PID"), ",".join(sorted(os.listdir("/proc/self/fd"), key=int)), " ".join(sys.argv[1:])]
        while True:
            client, _ = listener.accept()
            client.sendall(("|".join(map(str, facts)) + "\n").encode())
            client.close()
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("virt-session-").FullName;
    private readonly List<int> _processes = [];

    public void Dispose()
    {
        foreach (int process in _processes.Distinct())
        {
            using Process daemon = Process.GetProcessById(process);
            daemon.Kill();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Clients_that_start_it_at_once_get_one_daemon_that_is_on_its_own()
    {
        string program = Path.Combine(_folder, "virtd");
        await File.WriteAllTextAsync(program, Program, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string socket = Path.Combine(_folder, "virt", "virtd.sock");
        SessionDaemon daemon = new(program, Path.Combine(_folder, "log"), ("XDG_RUNTIME_DIR", _folder));

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AskAsync(daemon, socket))));

        Assert.Single(answers.Distinct());
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_folder, "started"), TestContext.Current.CancellationToken));
        string[] facts = answers[0].TrimEnd().Split('|');
        int process = int.Parse(facts[0], CultureInfo.InvariantCulture);
        Assert.Equal(facts[0], facts[1]); // leads a session of its own
        Assert.Equal(["/", "1", "virtd.sock", "None"], facts[2..6]);
        Assert.Equal("0,1,2,3,4", facts[6]); // 4 is the listing's own
        Assert.StartsWith("--session --timeout ", facts[7], StringComparison.Ordinal);
        Assert.True(File.Exists(socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));

        // A daemon that died leaves its socket behind, and the next client starts another one.
        using (Process first = Process.GetProcessById(process))
        {
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _processes.Clear();
        string again = await AskAsync(daemon, socket);
        Assert.NotEqual(facts[0], again.Split('|')[0]);
    }

    private async Task<string> AskAsync(SessionDaemon daemon, string socket)
    {
        await using Stream stream = await ConnectAsync(socket)
            ?? await daemon.StartAsync(socket, () => new(ConnectAsync(socket)), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        lock (_processes)
            _processes.Add(int.Parse(answer.Split('|')[0], CultureInfo.InvariantCulture));
        return answer;
    }

    private static async Task<Stream?> ConnectAsync(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
