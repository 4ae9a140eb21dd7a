using System.Text.Json;
using System.Text.Json.Nodes;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>QMP over standard input and output, one command at a time: all that a probe needs.</summary>
internal sealed class ProbeMonitor(ProbeProcess process, string emulator)
{
    private const int MaximumLine = 16 * 1024 * 1024;

    /// <summary>Reads the greeting, leaves negotiation, and returns QEMU's version.</summary>
    public async Task<string> GreetAsync(CancellationToken cancel)
    {
        using JsonDocument greeting = await ReadAsync(cancel).ConfigureAwait(false);
        JsonElement version = greeting.RootElement.GetProperty("QMP").GetProperty("version").GetProperty("qemu");
        int Part(string name) => version.GetProperty(name).GetInt32();
        string text = FormattableString.Invariant($"{Part("major")}.{Part("minor")}.{Part("micro")}");
        await AskAsync("qmp_capabilities", null, cancel).ConfigureAwait(false);
        return text;
    }

    /// <summary>Runs a command and returns its <c>return</c>.</summary>
    public async Task<JsonElement> AskAsync(string command, JsonObject? arguments, CancellationToken cancel) =>
        await TryAskAsync(command, arguments, cancel).ConfigureAwait(false)
        ?? throw new VirtException(VirtErrorCode.OperationFailed, $"the emulator '{emulator}' refused '{command}'", emulator);

    /// <summary>Runs a command and returns its <c>return</c>; null when QEMU answers with an error.</summary>
    public async Task<JsonElement?> TryAskAsync(string command, JsonObject? arguments, CancellationToken cancel)
    {
        var message = new JsonObject { ["execute"] = command };
        if (arguments is not null)
            message["arguments"] = arguments;
        await process.Input.WriteLineAsync(message.ToJsonString().AsMemory(), cancel).ConfigureAwait(false);
        await process.Input.FlushAsync(cancel).ConfigureAwait(false);
        while (true)
        {
            using JsonDocument reply = await ReadAsync(cancel).ConfigureAwait(false);
            if (reply.RootElement.TryGetProperty("return", out JsonElement result))
                return result.Clone();
            if (reply.RootElement.TryGetProperty("error", out _))
                return null;
        }
    }

    private async Task<JsonDocument> ReadAsync(CancellationToken cancel)
    {
        string? line;
        do
            line = await process.Output.ReadLineAsync(cancel).ConfigureAwait(false);
        while (line is not null && !line.StartsWith('{')); // QEMU also says on standard output which pty a device got
        if (line is null)
        {
            await process.WaitAsync(cancel).ConfigureAwait(false);
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the emulator '{emulator}' ended while it was asked for its capabilities: {process.Errors()}", emulator);
        }

        if (line.Length > MaximumLine)
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"the emulator '{emulator}' sends lines without end", emulator);
        return JsonDocument.Parse(line);
    }
}
