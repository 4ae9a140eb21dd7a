namespace Virt.Domains.Definition;

/// <summary>A display described by what people choose.</summary>
/// <param name="Type"><c>vnc</c> or <c>spice</c>.</param>
public sealed record GraphicsSpecification(string Type)
{
    /// <summary>The host's address that it listens on; loopback unless said.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; null for a free one.</summary>
    public int? Port { get; init; }

    /// <summary>The password that viewers need; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Says no password.</summary>
    public override string ToString() => $"{Type} on {Listen}{(Port is null ? "" : $":{Port}")}";
}
