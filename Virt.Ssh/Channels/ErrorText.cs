using System.Text;
using Virt.Terminals;

namespace Virt.Ssh.Channels;

/// <summary>The last of what a command says on its standard error.</summary>
internal sealed class ErrorText
{
    private const int Kept = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly List<byte> _bytes = [];

    /// <summary>As visible text.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return VisibleText.Lines(Encoding.UTF8.GetString([.. _bytes]).Trim());
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
