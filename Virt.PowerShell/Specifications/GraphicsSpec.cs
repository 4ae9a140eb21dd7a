using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <summary>Lets a parameter take displays: <c>none</c>, <c>vnc</c>, <c>spice</c>, or a hashtable.</summary>
internal sealed class GraphicsSpecAttribute : SpecAttribute<GraphicsSpecification>
{
    private protected override GraphicsSpecification Read(object value) => GraphicsSpec.Read(value);
}

/// <summary>Displays as people say them.</summary>
internal static class GraphicsSpec
{
    /// <summary>The type that stands for no display.</summary>
    public const string None = "none";

    private const string Forms = "Give none, vnc, spice, or a hashtable such as @{ Type = 'vnc'; Listen = '0.0.0.0'; Port = 5901; Password = '...' }.";
    private const int LongestVncPassword = 8;

    public static GraphicsSpecification Read(object value) => value switch
    {
        string text => FromText(text),
        IDictionary table => FromTable(new SpecTable("display", table)),
        PSObject made => FromTable(new SpecTable("display", made)),
        _ => throw new FormatException($"A {value.GetType().Name} is not a display. {Forms}"),
    };

    /// <summary>The text of a password.</summary>
    public static string? Reveal(object? password) => password switch
    {
        null => null,
        SecureString secret => new NetworkCredential("", secret).Password,
        _ => password.ToString(),
    };

    /// <summary>Refuses a password that viewers could not give.</summary>
    public static void CheckPassword(string type, string? password)
    {
        // The protocol of VNC's authentication uses no more.
        if (type == "vnc" && password?.Length > LongestVncPassword)
            throw new FormatException($"A VNC password has at most {LongestVncPassword} characters.");
    }

    private static GraphicsSpecification FromText(string text) => text.ToLowerInvariant() is None or "vnc" or "spice"
        ? new GraphicsSpecification(text.ToLowerInvariant())
        : throw new FormatException($"'{text}' is not a display. {Forms}");

    private static GraphicsSpecification FromTable(SpecTable table)
    {
        var graphics = new GraphicsSpecification(table.Choice("Type", "vnc", "spice") ?? "vnc")
        {
            Listen = table.Text("Listen") ?? "127.0.0.1",
            Port = table.Count("Port", 1024, 65535),
            Password = Reveal(table.Value("Password")),
        };
        table.End();
        CheckPassword(graphics.Type, graphics.Password);
        return graphics;
    }
}
