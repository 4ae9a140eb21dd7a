using System.Globalization;
using System.Text;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>
/// QEMU's <c>key=value,key=value</c> syntax, for the options that take no JSON. A comma inside a value is doubled, which is
/// the only character with a meaning there, so that a name or path never becomes an option of its own.
/// </summary>
internal sealed class OptionString
{
    private readonly StringBuilder _text = new();

    /// <summary>Starts with a bare word, as the kind of a chardev, or with nothing.</summary>
    public OptionString(string? first = null) => _text.Append(first is null ? null : Escape(first));

    /// <summary>Appends <c>key=value</c>; a null value appends nothing.</summary>
    public OptionString With(string key, string? value)
    {
        if (key.AsSpan().IndexOfAny(",=") >= 0)
            throw new ArgumentException($"'{key}' is not the name of an option", nameof(key));
        if (value is not null)
            Separate().Append(key).Append('=').Append(Escape(value));
        return this;
    }

    /// <summary>Appends a number; null appends nothing.</summary>
    public OptionString With(string key, long? value) => With(key, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Appends <c>on</c> or <c>off</c>; null appends nothing.</summary>
    public OptionString With(string key, bool? value) => With(key, value is { } on ? on ? "on" : "off" : null);

    /// <summary>Doubles the commas of a value.</summary>
    public static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private StringBuilder Separate() => _text.Length > 0 ? _text.Append(',') : _text;
}
