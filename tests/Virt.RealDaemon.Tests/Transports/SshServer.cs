using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Virt.Tests.Daemon.RealDaemon;

namespace Virt.Tests.Daemon.Transports;

/// <summary>
/// A private sshd on a port of its own, with a key of its own, for this user; and a client whose configuration is not the user's.
/// </summary>
public sealed class SshServer : IAsyncLifetime
{
    private const string Sshd = "/usr/sbin/sshd";
    private const string SeparationFolder = "/run/sshd";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Process> _servers = [];
    private readonly Dictionary<int, int> _ports = [];

    /// <summary>Keys, configurations, the wrapper of the client.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("virt-sshd-").FullName;

    /// <summary>The port of the server whose users find virtd.</summary>
    public int Port { get; private set; }

    /// <summary>The port of one whose users do not.</summary>
    public int BarePort { get; private set; }

    /// <summary>The port of one whose login scripts print something.</summary>
    public int NoisyPort { get; private set; }

    /// <summary>The port of one that runs nothing of ours.</summary>
    public int ShutPort { get; private set; }

    /// <summary>ssh with the configuration of this folder.</summary>
    public string Client => Path.Combine(Folder, "ssh");

    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>A URI over this server.</summary>
    public string Uri(int? port = null, string parameters = "", string host = "127.0.0.1") =>
        $"fake+ssh://{host}:{port ?? Port}/system?command={Client}{parameters}";

    /// <summary>A URI over this server for the transports that run no client.</summary>
    public string LibSshUri(int? port = null, string parameters = "", string host = "127.0.0.1", string key = "id", string known = "known") =>
        $"fake+libssh://{host}:{port ?? Port}/system?keyfile={File(key)}&known_hosts={File(known)}{parameters}";

    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync()
    {
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", File("host"));
        await RunAsync("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", File("host_ecdsa"));
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", File("id"));
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", File("stranger"));
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", File("locked"));
        await RunAsync("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", File("pem"));
        await RunAsync("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "open sesame", "-f", File("pem_locked"));
        await RunAsync("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", File("ecdsa"));
        string[] keys = ["id.pub", "locked.pub", "pem.pub", "pem_locked.pub", "ecdsa.pub"];
        await System.IO.File.WriteAllLinesAsync(File("authorized"), await Task.WhenAll(keys.Select(ReadAsync)));
        Port = await StartAsync("main", "");
        BarePort = await StartAsync("bare", "", path: "/usr/bin:/bin");
        NoisyPort = await StartAsync("noisy", "ForceCommand echo Welcome to the machine; eval \"$SSH_ORIGINAL_COMMAND\"");
        ShutPort = await StartAsync("shut", "ForceCommand echo This account is for backups");
        string host = await PublicKeyAsync("host");
        await System.IO.File.WriteAllLinesAsync(
            File("known"), new[] { Port, BarePort, NoisyPort, ShutPort }.Select(port => $"[127.0.0.1]:{port} {host}"));
        await System.IO.File.WriteAllTextAsync(
            File("config"),
            $"""
            Host behind
              HostName 127.0.0.1
              ProxyJump jump
            Host jump
              HostName 127.0.0.1
              Port {Port}
            Host *
              IdentityFile {File("id")}
              IdentitiesOnly yes
              IdentityAgent none
              GlobalKnownHostsFile /dev/null
            Match host 127.0.0.1
              UserKnownHostsFile {File("known")}

            """);
        await System.IO.File.WriteAllTextAsync(Client, $"#!/bin/sh\nexec ssh -F '{File("config")}' \"$@\"\n");
        System.IO.File.SetUnixFileMode(Client, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process server in _servers)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A public key's type and value, without its comment.</summary>
    public async Task<string> PublicKeyAsync(string name) => string.Join(' ', (await ReadAsync($"{name}.pub")).Split(' ')[..2]);

    /// <summary>The processes that serve who is logged in at a port.</summary>
    public IEnumerable<int> Sessions(int port)
    {
        string parent = $"{_ports[port]}";
        return from folder in Directory.GetDirectories("/proc")
            where int.TryParse(Path.GetFileName(folder), out _)
            let status = Path.Combine(folder, "stat")
            where System.IO.File.Exists(status)
            let words = System.IO.File.ReadAllText(status).Split(") ")[^1].Split(' ')
            where words[1] == parent
            select int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<string> ReadAsync(string name) => (await System.IO.File.ReadAllTextAsync(File(name))).Trim();

    /// <summary>Starts one more server.</summary>
    /// <param name="name">A name for its files.</param>
    /// <param name="more">What its configuration begins with; of two values sshd takes the first.</param>
    /// <param name="path">Where its users find programs; with virtd, when null.</param>
    /// <returns>Its port.</returns>
    public async Task<int> StartAsync(string name, string more, string? path = null)
    {
        path ??= $"{Path.GetDirectoryName(VirtdProcess.Command().FileName)}:/usr/bin:/bin";
        // A server that runs as root wants this folder, which the system's own makes when it starts.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory(SeparationFolder);
        for (int tries = 1; ; tries++)
        {
            int port = FreePort();
            // SHLVL: a bash that is not the outermost one does not read the user's ~/.bashrc, which may do anything and take its time.
            await System.IO.File.WriteAllTextAsync(
                File($"{name}.conf"),
                $"""
                {more}
                Port {port}
                ListenAddress 127.0.0.1
                HostKey {File("host")}
                HostKey {File("host_ecdsa")}
                AuthorizedKeysFile {File("authorized")}
                StrictModes no
                UsePAM no
                PidFile none
                PermitRootLogin yes
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                MaxStartups 100
                SetEnv PATH={path} SHLVL=2

                """);
            ProcessStartInfo start = new(Sshd, ["-D", "-e", "-f", File($"{name}.conf")]) { RedirectStandardError = true };
            Process server = Process.Start(start)!;
            if (await ListensAsync(server))
            {
                _servers.Add(server);
                _ports[port] = server.Id;
                _ = server.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return port;
            }

            await server.WaitForExitAsync();
            server.Dispose();
            if (tries == 5)
                throw new InvalidOperationException("sshd does not start");
        }
    }

    /// <summary>False when somebody else has taken the port meanwhile.</summary>
    private static async Task<bool> ListensAsync(Process server)
    {
        string said = "";
        while (await server.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith("Server listening", StringComparison.Ordinal))
                return true;
            said += line + "\n";
        }

        return said.Contains("Address already in use", StringComparison.Ordinal) ? false : throw new InvalidOperationException($"sshd does not start: {said}");
    }

    private static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static Task RunAsync(string program, params string[] arguments) => Programs.RunAsync(program, arguments);
}
