using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>QMP over standard input and output, one command at a time: all that a probe needs.</summary>
internal sealed class ProbeMonitor(ConfinedProcess process, string emulator)
{
    private const int MaximumLine = 4 * 1024 * 1024;
    private const int MaximumSum = 16 * 1024 * 1024;
    private readonly QmpLineReader _lines = new(process.Dialogue, MaximumLine, MaximumSum);

    /// <summary>The arguments by which a QEMU without a machine speaks to it.</summary>
    public static string[] Arguments { get; } =
    [
        "-machine", "none", "-S", "-no-user-config", "-nodefaults", "-display", "none",
        "-chardev", "stdio,id=m,signal=off", "-mon", "chardev=m,mode=control",
    ];

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
        ?? throw new VirtException(VirtErrorCode.OperationFailed, $"the emulator '{emulator}' refused '{command}': {LastError}", emulator);

    /// <summary>What QEMU said when it refused a command last.</summary>
    public string? LastError { get; private set; }

    /// <summary>Runs a command and returns its <c>return</c>; null when QEMU answers with an error.</summary>
    public async Task<JsonElement?> TryAskAsync(string command, JsonObject? arguments, CancellationToken cancel)
    {
        var message = new JsonObject { ["execute"] = command };
        if (arguments is not null)
            message["arguments"] = arguments;
        ReadOnlyMemory<byte> left = Encoding.UTF8.GetBytes(message.ToJsonString() + "\n");
        try
        {
            while (left.Length > 0)
                left = left[await process.Dialogue.SendAsync(left, cancel).ConfigureAwait(false)..];
        }
        catch (SocketException)
        {
            throw await EndedAsync(cancel).ConfigureAwait(false);
        }

        while (true)
        {
            using JsonDocument reply = await ReadAsync(cancel).ConfigureAwait(false);
            if (reply.RootElement.TryGetProperty("return", out JsonElement result))
                return result.Clone();
            if (!reply.RootElement.TryGetProperty("error", out JsonElement error))
                continue;
            LastError = error.TryGetProperty("desc", out JsonElement said) ? said.GetString() : null;
            return null;
        }
    }

    private async Task<JsonDocument> ReadAsync(CancellationToken cancel)
    {
        ReadOnlyMemory<byte>? line;
        try
        {
            do
                line = await _lines.ReadLineAsync(cancel).ConfigureAwait(false);
            while (line is { } text && !text.Span.StartsWith("{"u8)); // QEMU also says on standard output which pty a device got
        }
        catch (SocketException)
        {
            line = null;
        }

        return line is { } json ? JsonDocument.Parse(json.ToArray()) : throw await EndedAsync(cancel).ConfigureAwait(false);
    }

    private async Task<VirtException> EndedAsync(CancellationToken cancel)
    {
        await process.WaitAsync(cancel).ConfigureAwait(false);
        return new VirtException(
            VirtErrorCode.OperationFailed, $"the emulator '{emulator}' ended while it was asked for its capabilities: {process.Words()}", emulator);
    }
}
