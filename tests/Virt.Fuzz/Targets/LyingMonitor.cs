using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Virt.Fuzz.Targets;

/// <summary>
/// A monitor on a unix socket that greets and then answers each command with the next lines of a script: events up to a line with
/// <c>"$id"</c>, where the command's id goes. It hangs up when the script is at its end, and when virtd waits for a reply that is
/// not in it: that such a wait has a limit is tried elsewhere.
/// </summary>
internal sealed class LyingMonitor : IAsyncDisposable
{
    private const string Greeting = "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7}},\"capabilities\":[]}}\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;
    private readonly Queue<string> _script;
    private readonly Task _talking;

    public LyingMonitor(string path, IEnumerable<string> script)
    {
        _path = path;
        _script = new Queue<string>(script);
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _talking = TalkAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _talking;
        File.Delete(_path);
    }

    private async Task TalkAsync()
    {
        await Task.Yield();
        try
        {
            using Socket socket = await _listener.AcceptAsync();
            // It talks once: who comes again is refused now, and not left to wait for a greeting.
            _listener.Dispose();
            await socket.SendAsync(Encoding.UTF8.GetBytes(Greeting));
            await using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream);
            bool negotiated = false;
            while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
            {
                using JsonDocument command = JsonDocument.Parse(line);
                string id = command.RootElement.GetProperty("id").GetRawText();
                string answer = negotiated ? Next(id) : $"{{\"return\":{{}},\"id\":{id}}}\n";
                negotiated = true;
                await socket.SendAsync(Encoding.UTF8.GetBytes(answer));
                if (_script.Count == 0)
                    return;
            }
        }
        catch (Exception over) when (over is SocketException or IOException or ObjectDisposedException or TimeoutException)
        {
            // virtd has had enough.
        }
    }

    private string Next(string id)
    {
        var lines = new StringBuilder();
        while (_script.TryDequeue(out string? line))
        {
            lines.Append(line.Replace("\"$id\"", id, StringComparison.Ordinal)).Append('\n');
            if (line.Contains("\"$id\"", StringComparison.Ordinal))
                break;
        }

        return lines.ToString();
    }
}
