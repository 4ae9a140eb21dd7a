using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Xml.Linq;

namespace Virt.Tests.PowerShell;

/// <summary>Makes of what an honest host says what a hostile one would: control sequences in each text.</summary>
internal static class Hostile
{
    /// <summary>Ends a title, clears the screen, fakes a row, turns text around; in C0 and C1; and half of a surrogate pair.</summary>
    public const string Sequences = "\u001b]0;title\u0007\u001b[2J\r\nfaked row\u202edlrow\u2066\u009b31m\u0085\u2028\ud800";

    // What XML can hold of them.
    private const string InXml = "\u202edlrow\u2066\u009b31m\u0085\u2028";

    // By these words commands choose the type of the object.
    private static readonly string[] Left = ["disk", "interface", "serial", "console", "graphics"];

    public static string Text(string text) => text.StartsWith('<') && !text.Contains(Sequences, StringComparison.Ordinal)
        ? Xml(text)
        : Left.Contains(text) ? text : text + Sequences;

    /// <summary>The same record with all its texts, and those of its parts, hostile.</summary>
    public static object? Of(object? value)
    {
        if (value is null or Enum || value.GetType() is { IsPrimitive: true } || value is Guid or DateTimeOffset or TimeSpan)
            return value;
        if (value is string text)
            return Text(text);
        Type type = value.GetType();
        if (value is IReadOnlyDictionary<string, string> map)
            return map.ToDictionary(one => one.Key + Sequences, one => one.Value + Sequences);
        if (value is IEnumerable many)
        {
            Type element = type.GetInterfaces().Single(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>)).GenericTypeArguments[0];
            object?[] parts = [.. many.Cast<object?>().Select(Of)];
            var array = Array.CreateInstance(element, parts.Length);
            parts.CopyTo(array, 0);
            return array;
        }

        // A record: made anew by its constructor.
        if (type.Namespace?.StartsWith("Virt.", StringComparison.Ordinal) != true || type.GetMethod("<Clone>$") is null)
            return value;
        ConstructorInfo made = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        return made.Invoke([.. made.GetParameters().Select(parameter => Of(type.GetProperty(parameter.Name!)!.GetValue(value)))]);
    }

    private static string Xml(string text)
    {
        XElement root = XElement.Parse(text);
        foreach (XElement element in root.DescendantsAndSelf())
        {
            foreach (XAttribute attribute in element.Attributes())
            {
                bool chooses = attribute.Name == "type" && element.Name.LocalName is "graphics" or "disk";
                if (!chooses && !double.TryParse(attribute.Value, NumberStyles.Any, CultureInfo.InvariantCulture, out _))
                    attribute.Value += InXml;
            }

            if (!element.HasElements && element.Name.LocalName is not ("uuid" or "name"))
                element.Value += InXml;
        }

        return root.ToString();
    }
}
