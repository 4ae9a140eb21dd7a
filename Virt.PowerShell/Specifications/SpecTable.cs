using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>
/// A device as a hashtable or object says it. What is asked for is what is known: <see cref="End"/> refuses all other keys and
/// lists the known ones.
/// </summary>
internal sealed class SpecTable
{
    private readonly string _what;
    private readonly Dictionary<string, object?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _known = [];

    /// <param name="what">What the table describes, as <c>disk</c>.</param>
    /// <param name="table">The table.</param>
    public SpecTable(string what, IDictionary table)
    {
        _what = what;
        foreach (DictionaryEntry entry in table)
            Add(entry.Key.ToString()!, entry.Value);
    }

    /// <param name="what">What the object describes.</param>
    /// <param name="object">An object that was made of properties, as by ConvertFrom-Json or Import-Csv.</param>
    public SpecTable(string what, PSObject @object)
    {
        _what = what;
        foreach (PSPropertyInfo property in @object.Properties)
            Add(property.Name, property.Value);
    }

    /// <summary>The text of a key, or of one of its other names; null when it is not given.</summary>
    public string? Text(string key, params ReadOnlySpan<string> otherNames) => Value(key, otherNames) switch
    {
        null => null,
        string text => text.Length == 0 ? null : text,
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var value => value.ToString(),
    };

    /// <summary>One of a few words.</summary>
    public string? Choice(string key, params string[] words)
    {
        string? text = Text(key);
        return text is null || words.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? text?.ToLowerInvariant()
            : throw Invalid(key, text, $"Use {string.Join(", ", words)}.");
    }

    /// <summary>Bytes.</summary>
    public long? Size(string key)
    {
        object? value = Value(key);
        if (value is null or "")
            return null;
        try
        {
            long bytes = SizeText.From(value);
            return bytes > 0 ? bytes : throw Invalid(key, value, SizeText.Forms);
        }
        catch (FormatException)
        {
            throw Invalid(key, value, SizeText.Forms);
        }
    }

    /// <summary>A number from 1, or from another least one.</summary>
    public int? Count(string key, int least = 1, int most = int.MaxValue)
    {
        string? text = Text(key);
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Invalid(key, text, most == int.MaxValue ? $"Give a whole number from {least}." : $"Give a whole number from {least} to {most}.");
    }

    /// <summary>Yes or no.</summary>
    public bool? Flag(string key) => Value(key) switch
    {
        null or "" => null,
        bool flag => flag,
        SwitchParameter flag => flag.IsPresent,
        string text when bool.TryParse(text, out bool flag) => flag,
        string text when text.Equals("yes", StringComparison.OrdinalIgnoreCase) || text.Equals("on", StringComparison.OrdinalIgnoreCase) => true,
        string text when text.Equals("no", StringComparison.OrdinalIgnoreCase) || text.Equals("off", StringComparison.OrdinalIgnoreCase) => false,
        int number when number is 0 or 1 => number == 1,
        var value => throw Invalid(key, value, "Use $true or $false."),
    };

    /// <summary>The value as it is.</summary>
    public object? Value(string key, params ReadOnlySpan<string> otherNames)
    {
        _known.Add(key);
        if (_values.TryGetValue(key, out object? value))
            return value;
        foreach (string name in otherNames)
        {
            _known.Add(name);
            if (_values.TryGetValue(name, out value))
                return value;
        }

        return null;
    }

    /// <summary>Refuses what was not asked for.</summary>
    public void End()
    {
        string[] unknown = [.. _values.Keys.Except(_known, StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
        if (unknown.Length > 0)
        {
            throw new FormatException(
                $"A {_what} has no '{string.Join("', '", unknown)}'. It can have {string.Join(", ", _known.Distinct(StringComparer.OrdinalIgnoreCase))}.");
        }
    }

    /// <summary>The error about a key's value.</summary>
    public FormatException Invalid(string key, object value, string forms) =>
        new($"'{value}' is not a {key} of a {_what}. {forms}");

    private void Add(string name, object? value) => _values[name] = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
