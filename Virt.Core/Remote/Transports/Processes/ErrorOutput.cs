using System.Text;
using Virt.Terminals;

namespace Virt.Remote.Transports.Processes;

/// <summary>
/// What a program says on standard error: read as it comes, so that the program never waits, and the last of it kept.
/// </summary>
internal sealed class ErrorOutput
{
    private const int Kept = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly IQuestions? _questions;

    private ErrorOutput(Stream stream, IQuestions? questions)
    {
        _questions = questions;
        Ended = ReadAsync(stream);
    }

    /// <summary>Completes at the end of the output.</summary>
    public Task Ended { get; }

    /// <summary>The last part, as visible text.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return VisibleText.Lines(_text.ToString().Trim());
        }
    }

    /// <summary>Begins to read.</summary>
    /// <param name="stream">A child's standard error.</param>
    /// <param name="questions">Answers what is asked there; null when nobody does.</param>
    public static ErrorOutput Read(Stream stream, IQuestions? questions = null) => new(stream, questions);

    private async Task ReadAsync(Stream stream)
    {
        byte[] bytes = new byte[4096];
        char[] chars = new char[bytes.Length + 1];
        Decoder decoder = Encoding.UTF8.GetDecoder();
        try
        {
            while (await stream.ReadAsync(bytes).ConfigureAwait(false) is var count and > 0)
            {
                Add(chars.AsSpan(0, decoder.GetChars(bytes.AsSpan(0, count), chars, flush: false)));
                if (_questions is not null)
                    await AnswerAsync(stream, _questions).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ends with the connection.
        }
    }

    private async Task AnswerAsync(Stream stream, IQuestions questions)
    {
        string? question;
        lock (_gate)
            question = questions.Take(_text);
        if (question is null || await questions.AnswerAsync(question).ConfigureAwait(false) is not { } answer)
            return;
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer + "\n")).ConfigureAwait(false);
    }

    private void Add(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            _text.Append(text);
            if (_text.Length > Kept)
                _text.Remove(0, _text.Length - Kept);
        }
    }
}
