using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>The daemon's configuration: <c>virtd.json</c> in the config folder, JSON with comments. Every value has a default.</summary>
internal sealed record DaemonConfig
{
    /// <summary>The least severe log lines that are written.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<LogLevel>))]
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>The unix sockets.</summary>
    public UnixConfig Unix { get; set; } = new();

    /// <summary>The tcp socket.</summary>
    public TcpConfig Tcp { get; set; } = new();

    /// <summary>Limits on clients.</summary>
    public LimitsConfig Limits { get; set; } = new();

    /// <summary>Keepalive towards clients.</summary>
    public KeepaliveConfig Keepalive { get; set; } = new();

    /// <summary>Reads a file; one that is not there means all defaults.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>, naming file, line and value.</exception>
    public static DaemonConfig Read(string path, bool mustExist)
    {
        try
        {
            DaemonConfig config = JsonSerializer.Deserialize(File.ReadAllBytes(path), DaemonConfigJson.Default.DaemonConfig) ?? new();
            config.Check(path);
            return config;
        }
        catch (Exception absent) when (!mustExist && absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return new();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Fault(path, unreadable.Message);
        }
    }

    private void Check(string path)
    {
        if (!IPAddress.TryParse(Tcp.Address, out IPAddress? address))
            throw Fault(path, $"tcp.address '{Tcp.Address}' is not an IP address");
        if (Tcp.Port is < 0 or > 65535)
            throw Fault(path, $"tcp.port {Tcp.Port} is not a port");
        if (Tcp.Enabled && !IPAddress.IsLoopback(address) && !Tcp.AllowUnencryptedFromOtherHosts)
        {
            throw Fault(
                path, $"tcp.address {Tcp.Address} is reachable from other hosts, and plain tcp is not encrypted",
                "Listen on 127.0.0.1 and tunnel, or set tcp.allowUnencryptedFromOtherHosts to true if everyone on that network may read along.");
        }

        if (Limits.Clients < 1 || Limits.UnauthenticatedClients < 1 || Limits.CallsPerClient < 1 || Limits.AuthenticationSeconds < 1)
            throw Fault(path, "every value of limits must be at least 1");
        if (Keepalive.IntervalSeconds < 0 || Keepalive.Count < 1)
            throw Fault(path, "keepalive.intervalSeconds must be at least 0 (off) and keepalive.count at least 1");
        _ = (Unix.FileMode(path), Unix.ReadOnlyFileMode(path));
    }

    internal static VirtException Fault(string path, string message, string? action = null) => new(
        VirtErrorCode.ConfigurationError, $"the configuration {path} cannot be used: {message}", path,
        action ?? "Correct the file, or remove it to run with the defaults.");
}

/// <summary>The unix sockets.</summary>
internal sealed record UnixConfig
{
    /// <summary>The group that owns the sockets; null leaves the daemon's.</summary>
    public string? Group { get; set; }

    /// <summary>The mode of the read-write socket, in octal; null means 0600, or 0660 when a group is set.</summary>
    public string? Mode { get; set; }

    /// <summary>The mode of the read-only socket, in octal.</summary>
    public string ReadOnlyMode { get; set; } = "0666";

    /// <summary>The mode of the read-write socket.</summary>
    public UnixFileMode FileMode(string path) => Octal(path, "unix.mode", Mode ?? (Group is null ? "0600" : "0660"));

    /// <summary>The mode of the read-only socket.</summary>
    public UnixFileMode ReadOnlyFileMode(string path) => Octal(path, "unix.readOnlyMode", ReadOnlyMode);

    private static UnixFileMode Octal(string path, string key, string text)
    {
        bool octal = text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7');
        int mode = octal ? Convert.ToInt32(text, 8) : -1;
        return mode is >= 0 and <= 511 ? (UnixFileMode)mode : throw DaemonConfig.Fault(path, $"{key} '{text}' is not a mode such as \"0660\"");
    }
}

/// <summary>The tcp socket: off unless enabled.</summary>
internal sealed record TcpConfig
{
    /// <summary>Whether virtd listens on tcp. Users authenticate with SCRAM-SHA-256 (<c>virtd user add</c>).</summary>
    public bool Enabled { get; set; }

    /// <summary>The address to listen on.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one and logs it.</summary>
    public int Port { get; set; } = 16609;

    /// <summary>Plain tcp on an address that other hosts reach: everyone on the way can read what is sent.</summary>
    public bool AllowUnencryptedFromOtherHosts { get; set; }
}

/// <summary>Limits on clients.</summary>
internal sealed record LimitsConfig
{
    /// <summary>Clients at once.</summary>
    public int Clients { get; set; } = 5000;

    /// <summary>Clients at once that have not authenticated yet.</summary>
    public int UnauthenticatedClients { get; set; } = 100;

    /// <summary>Unanswered calls of one client.</summary>
    public int CallsPerClient { get; set; } = 1024;

    /// <summary>Seconds a client has to authenticate.</summary>
    public int AuthenticationSeconds { get; set; } = 30;
}

/// <summary>Keepalive towards clients.</summary>
internal sealed record KeepaliveConfig
{
    /// <summary>Seconds of silence after which a client is pinged; 0 turns it off.</summary>
    public int IntervalSeconds { get; set; } = 5;

    /// <summary>Pings without an answer after which a client is cut.</summary>
    public int Count { get; set; } = 5;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DaemonConfig))]
internal sealed partial class DaemonConfigJson : JsonSerializerContext;
