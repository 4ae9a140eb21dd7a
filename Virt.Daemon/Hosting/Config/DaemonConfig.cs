using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>The daemon's configuration: <c>virtd.json</c> in the config folder, JSON with comments. Every value has a default.</summary>
internal sealed record DaemonConfig
{
    private const int MaximumFile = 16 * 1024 * 1024;

    /// <summary>The least severe log lines that are written.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<LogLevel>))]
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>The unix sockets.</summary>
    public UnixConfig Unix { get; set; } = new();

    /// <summary>The tcp socket.</summary>
    public TcpConfig Tcp { get; set; } = new();

    /// <summary>The TLS socket.</summary>
    public TlsConfig Tls { get; set; } = new();

    /// <summary>Limits on clients.</summary>
    public LimitsConfig Limits { get; set; } = new();

    /// <summary>Who may do what.</summary>
    public AccessConfig Access { get; set; } = new();

    /// <summary>The audit log.</summary>
    public AuditConfig Audit { get; set; } = new();

    /// <summary>Keepalive towards clients.</summary>
    public KeepaliveConfig Keepalive { get; set; } = new();

    /// <summary>How QEMU runs.</summary>
    public QemuConfig Qemu { get; set; } = new();

    /// <summary>Where clients of the class storage work.</summary>
    public StorageConfig Storage { get; set; } = new();

    /// <summary>What becomes of guests when the host shuts down and starts.</summary>
    public GuestsConfig Guests { get; set; } = new();

    /// <summary>Reads a file; one that is not there means all defaults.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationError"/>, naming file, line and value.</exception>
    public static DaemonConfig Read(string path, bool mustExist)
    {
        try
        {
            DaemonConfig config = JsonSerializer.Deserialize(HostFile.Read(path, MaximumFile), DaemonConfigJson.Default.DaemonConfig) ?? new();
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
        Unix.Check(path);
        Tcp.Check(path);
        Tls.Check(path);
        Limits.Check(path);
        Access.Check(path);
        Audit.Check(path);
        Keepalive.Check(path);
        Qemu.Check(path);
        Storage.Check(path);
        Guests.Check(path);
    }

    internal static VirtException Fault(string path, string message, string? action = null) => new(
        VirtErrorCode.ConfigurationError, $"the configuration {path} cannot be used: {message}", path,
        action ?? "Correct the file, or remove it to run with the defaults.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DaemonConfig))]
internal sealed partial class DaemonConfigJson : JsonSerializerContext;
