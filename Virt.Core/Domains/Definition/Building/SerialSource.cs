namespace Virt.Domains.Definition;

/// <summary>Where a serial port leads.</summary>
/// <param name="Type">Libvirt's type: <c>pty</c>, <c>file</c>, <c>unix</c>, <c>tcp</c>, <c>null</c>; or <c>none</c> for no port.</param>
/// <param name="Path">The file or socket, for <c>tcp</c> the address and port to listen on; null for a pty.</param>
public sealed record SerialSource(string Type, string? Path = null)
{
    /// <summary>A pseudo terminal.</summary>
    public static SerialSource Pty { get; } = new("pty");

    /// <summary>No serial port.</summary>
    public static SerialSource None { get; } = new("none");
}
