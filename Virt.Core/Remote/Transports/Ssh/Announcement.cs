using System.Text;
using Virt.Remote.Transports.Processes;
using Virt.Terminals;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// Waits for the far side's word that the frames begin. What a login script prints before it is noise, and passed over.
/// </summary>
internal sealed class Announcement(Stream stream)
{
    private const int MostNoise = 64 * 1024;
    private static readonly byte[] Word = Encoding.ASCII.GetBytes(RemoteCommand.Connected);

    private readonly List<byte> _read = [];

    /// <summary>What came before the word.</summary>
    public string Noise => VisibleText.Lines(Encoding.UTF8.GetString([.. _read]));

    /// <summary>Reads up to and with the word, and not a byte more.</summary>
    /// <exception cref="InvalidDataException">Too much else came.</exception>
    /// <exception cref="ProcessEndedException">The program has ended before.</exception>
    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        byte[] one = new byte[1];
        while (_read.Count < MostNoise)
        {
            if (await stream.ReadAsync(one, cancel).ConfigureAwait(false) == 0)
                throw new EndOfStreamException();
            _read.Add(one[0]);
            if (one[0] == Word[^1] && _read.Count >= Word.Length && _read.TakeLast(Word.Length).SequenceEqual(Word))
            {
                _read.RemoveRange(_read.Count - Word.Length, Word.Length);
                return;
            }
        }

        throw new InvalidDataException("no daemon answers");
    }
}
