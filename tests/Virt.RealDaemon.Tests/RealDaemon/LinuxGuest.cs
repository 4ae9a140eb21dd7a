using System.Net.Sockets;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The tiny Linux guest on a real QEMU (TCG): its console and its responder are unix sockets.</summary>
internal sealed class LinuxGuest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly List<IDisposable> _open = [];
    private readonly string _root;
    private StreamReader? _responder;
    private StreamWriter? _commands;

    private LinuxGuest(IHypervisorDriver hypervisor, string root, DomainRecord domain)
    {
        Hypervisor = hypervisor;
        _root = root;
        Uuid = domain.Uuid;
        Name = domain.Name;
    }

    public static string? Folder => Environment.GetEnvironmentVariable("VIRT_GUEST_DIR") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    public IHypervisorDriver Hypervisor { get; set; }

    public Guid Uuid { get; }

    public string Name { get; }

    public static async Task<LinuxGuest> DefineAsync(
        VirtConnection connection, string root, string name, string devices = "", Func<string, string>? change = null)
    {
        Assert.SkipUnless(Folder is not null, "VIRT_GUEST_DIR is not set: run tests/guest/build-guest.sh, or ./build.sh test");
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            (change ?? (xml => xml))(Xml(root, name, devices)), DefineOptions.None, TestContext.Current.CancellationToken);
        return new LinuxGuest(connection.Hypervisor, root, domain);
    }

    public static string Xml(string root, string name, string devices = "") => $"""
        <domain type='qemu'>
          <name>{name}</name>
          <memory unit='MiB'>128</memory>
          <vcpu>1</vcpu>
          <os>
            <type arch='x86_64' machine='q35'>hvm</type>
            <kernel>{Folder}/vmlinuz</kernel>
            <initrd>{Folder}/initrd.img</initrd>
            <cmdline>console=ttyS0 quiet no_timer_check virt.name={name}</cmdline>
          </os>
          <features><acpi/><apic/></features>
          <devices>
            <serial type='unix'><source mode='bind' path='{root}/{name}.console'/><target port='0'/></serial>
            <serial type='unix'><source mode='bind' path='{root}/{name}.responder'/><target port='1'/></serial>
            {devices}
          </devices>
        </domain>
        """;

    /// <summary>Starts it and waits for the READY line; nothing of the console is lost, as it starts paused.</summary>
    public async Task BootAsync()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await Hypervisor.StartDomainAsync(Uuid, StartOptions.Paused, cancel);
        StreamReader console = new(await ConnectAsync("console"));
        await Hypervisor.ResumeDomainAsync(Uuid, cancel);
        await ReadUntilAsync(console, "VIRT-GUEST READY " + Name);
    }

    /// <summary>Sends a line to the responder inside the guest and returns the line it answers.</summary>
    public async Task<string?> AskAsync(string command)
    {
        await SendAsync(command);
        return await ReadAsync();
    }

    /// <summary>Runs a shell command inside the guest and returns what it wrote, without the last line's end.</summary>
    public async Task<string> ShellAsync(string command)
    {
        await SendAsync("sh " + command);
        var lines = new List<string>();
        while (await ReadAsync() is { } line && !line.StartsWith("END ", StringComparison.Ordinal))
            lines.Add(line);
        return string.Join('\n', lines);
    }

    /// <summary>Waits inside the guest until a shell condition holds; its kernel loads drivers and settles in its own time.</summary>
    public async Task UntilAsync(string condition) =>
        Assert.Equal("yes", await ShellAsync($"exec 2>/dev/null; n=0; until {condition}; do n=$((n+1)); [ $n -lt 1200 ] || break; sleep 0.1; done; {condition} && echo yes || echo no"));

    /// <summary>The next line that the responder answers.</summary>
    public async Task<string?> ReadAsync() =>
        (await _responder!.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience))?.TrimEnd('\r');

    private async Task SendAsync(string command)
    {
        if (_commands is null)
        {
            NetworkStream stream = await ConnectAsync("responder");
            _responder = new StreamReader(stream);
            _commands = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        }

        await _commands.WriteLineAsync(command);
    }

    /// <summary>Forgets its sockets: those of a QEMU that ended lead nowhere.</summary>
    public void Disconnect()
    {
        foreach (IDisposable open in _open)
            open.Dispose();
        _open.Clear();
        (_responder, _commands) = (null, null);
    }

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return default;
    }

    private static async Task ReadUntilAsync(StreamReader console, string wanted)
    {
        var seen = new List<string>();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (await console.ReadLineAsync(limit.Token) is { } line)
            {
                seen.Add(line);
                if (line.Contains(wanted, StringComparison.Ordinal))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what was seen.
        }

        Assert.Fail($"the guest never said '{wanted}':\n{string.Join('\n', seen)}");
    }

    private async Task<NetworkStream> ConnectAsync(string port)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{_root}/{Name}.{port}"), TestContext.Current.CancellationToken);
        var stream = new NetworkStream(socket, ownsSocket: true);
        _open.Add(stream);
        return stream;
    }
}
