using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <summary>Lets a parameter take serial ports: <c>pty</c>, <c>none</c>, <c>null</c>, <c>file:PATH</c>, <c>unix:PATH</c>, <c>tcp:ADDRESS:PORT</c>.</summary>
internal sealed class SerialSpecAttribute : SpecAttribute<SerialSource>
{
    internal const string Forms = "Give pty, none, null, file:PATH, unix:PATH or tcp:ADDRESS:PORT.";

    private protected override SerialSource Read(object value) => value is string text
        ? FromText(text)
        : throw new FormatException($"A {value.GetType().Name} is not a serial port. {Forms}");

    internal static SerialSource FromText(string text)
    {
        string[] parts = text.Split(':', 2);
        string type = parts[0].ToLowerInvariant();
        string path = parts.Length > 1 ? parts[1] : "";
        return type switch
        {
            "pty" or "none" or "null" when path.Length == 0 => new SerialSource(type),
            "file" or "unix" when path.StartsWith('/') => new SerialSource(type, path),
            "tcp" when path.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(path[(colon + 1)..], out ushort port) && port > 0 =>
                new SerialSource(type, path),
            _ => throw new FormatException($"'{text}' is not a serial port. {Forms}"),
        };
    }
}
