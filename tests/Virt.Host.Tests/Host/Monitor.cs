using System.Text.Json;

namespace Virt.Tests.Host;

/// <summary>The monitor (QMP) of the test host's machine: one command after the other.</summary>
internal sealed class Monitor(Stream stream) : IAsyncDisposable
{
    private readonly StreamReader _reader = new(stream);
    private readonly HashSet<string> _events = [];

    /// <summary>Makes it take commands.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        // It greets first.
        await ReadAsync(cancel);
        await ExecuteAsync("""{ "execute": "qmp_capabilities" }""", cancel);
    }

    /// <summary>Runs a command and returns what it returned.</summary>
    public async Task<JsonElement> ExecuteAsync(string command, CancellationToken cancel)
    {
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(command + "\n"), cancel);
        while (true)
        {
            JsonElement message = await ReadAsync(cancel);
            if (message.TryGetProperty("return", out JsonElement result))
                return result;
            if (message.TryGetProperty("error", out JsonElement error))
                throw new InvalidOperationException($"{command}: {error}");
        }
    }

    /// <summary>Runs a command of the monitor for people.</summary>
    public async Task<string> AskAsync(string command, CancellationToken cancel) => (await ExecuteAsync(
        $$"""{ "execute": "human-monitor-command", "arguments": { "command-line": "{{command}}" } }""", cancel)).GetString()!;

    /// <summary>Waits for an event, unless it has come already.</summary>
    public async Task WaitAsync(string name, CancellationToken cancel)
    {
        while (!_events.Remove(name))
            await ReadAsync(cancel);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task<JsonElement> ReadAsync(CancellationToken cancel)
    {
        string line = await _reader.ReadLineAsync(cancel) ?? throw new EndOfStreamException("the test host's QEMU has ended");
        JsonElement message = JsonElement.Parse(line);
        if (message.TryGetProperty("event", out JsonElement happened))
            _events.Add(happened.GetString()!);
        return message;
    }
}
