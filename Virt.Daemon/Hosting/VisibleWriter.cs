using System.Text;
using Virt.Terminals;

namespace Virt.Daemon.Hosting;

/// <summary>
/// Standard output and error of virtd: its log and what its commands say, with <see cref="VisibleText"/> for whatever others chose
/// the words of. <c>virtd proxy</c> carries bytes and uses the stream itself.
/// </summary>
internal sealed class VisibleWriter(TextWriter inner) : TextWriter
{
    /// <summary>Puts it before both, for the life of the process.</summary>
    public static void Use()
    {
        Console.SetOut(new VisibleWriter(Console.Out));
        Console.SetError(new VisibleWriter(Console.Error));
    }

    public override Encoding Encoding => inner.Encoding;

    // Half of a pair comes alone; of the two, the writer below makes one, or a replacement character.
    public override void Write(char value)
    {
        if (char.IsSurrogate(value))
            inner.Write(value);
        else
            inner.Write(VisibleText.Lines(value.ToString()));
    }

    public override void Write(string? value) => inner.Write(VisibleText.Lines(value));

    public override void Write(char[] buffer, int index, int count) => inner.Write(VisibleText.Lines(new string(buffer, index, count)));

    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(VisibleText.Lines(new string(buffer)));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value) => inner.WriteLine(VisibleText.Lines(value));

    public override void Flush() => inner.Flush();
}
