using System.Text;

namespace Virt.Ssh.Channels;

/// <summary>The last of what a command says on its standard error.</summary>
internal sealed class ErrorText
{
    private const int Kept = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly List<byte> _bytes = [];

    /// <summary>Without control characters but the ends of lines.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return string.Concat(Encoding.UTF8.GetString([.. _bytes]).Where(c => c == '\n' || !char.IsControl(c))).Trim();
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _bytes.AddRange(bytes);
            if (_bytes.Count > Kept)
                _bytes.RemoveRange(0, _bytes.Count - Kept);
        }
    }
}
