using System.Globalization;
using System.Text;
using Virt.Terminals;

namespace Virt.Daemon.Rpc.Audit;

/// <summary>
/// One line of the audit log: <c>type=T msg=audit(SECONDS.MILLISECONDS:SERIAL):</c> and fields <c>key=value</c>, as auditd writes
/// them. What a client or a definition chose is in double quotes, with backslashes before quotes and backslashes and with
/// <c>\uXXXX</c> for whatever is not plainly visible, so that no value can end its line or pass for another field.
/// </summary>
internal sealed class AuditLine
{
    /// <summary>The longest text of one field; of a longer one the rest is counted: <c>\+N</c>.</summary>
    public const int LongestText = 512;

    private readonly StringBuilder _text = new(256);

    public AuditLine(string type, DateTimeOffset time, long serial) => _text.Append(
        CultureInfo.InvariantCulture, $"type={type} msg=audit({time.ToUnixTimeMilliseconds() / 1000}.{time.ToUnixTimeMilliseconds() % 1000:000}:{serial}):");

    /// <summary>A field of the daemon's own words or numbers; left out when null.</summary>
    public AuditLine Add(string key, object? value)
    {
        if (value is not null)
            _text.Append(CultureInfo.InvariantCulture, $" {key}={value}");
        return this;
    }

    /// <summary>A field that others have chosen; left out when null.</summary>
    public AuditLine AddText(string key, string? value)
    {
        if (value is null)
            return this;
        _text.Append(' ').Append(key).Append("=\"");
        int length = Math.Min(value.Length, LongestText);
        for (int i = 0; i < length; i++)
            Append(value, i);
        if (length < value.Length)
            _text.Append(CultureInfo.InvariantCulture, $"\\+{value.Length - length}");
        _text.Append('"');
        return this;
    }

    public override string ToString() => _text.ToString();

    private void Append(string value, int i)
    {
        char c = value[i];
        if (c is '"' or '\\')
            _text.Append('\\').Append(c);
        else if (IsPlain(c))
            _text.Append(c);
        else
            _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
    }

    // Programs that read the log part its fields at spaces of any kind.
    private static bool IsPlain(char c) => c == ' ' || (VisibleText.IsVisible(c) && !char.IsWhiteSpace(c));
}
