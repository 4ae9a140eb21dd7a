using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Virt.Errors;
using Virt.Streams;

namespace Virt.PowerShell;

/// <summary>A script at a guest's console: says something and waits until a pattern comes back.</summary>
/// <param name="console">The console.</param>
/// <param name="name">What errors call it.</param>
/// <param name="timeout">How long each pattern is waited for.</param>
/// <param name="log">Gets what the guest writes; null for nothing.</param>
internal sealed class ConsoleDialog(VirtStream console, string name, TimeSpan timeout, Stream? log)
{
    private const int BufferSize = 16 * 1024;

    /// <summary>The most text that a pattern is looked for in; what is older is forgotten.</summary>
    private const int MaximumText = 1024 * 1024;

    private const int ShownTail = 200;

    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(5);

    private readonly Decoder _decoder = new UTF8Encoding(false).GetDecoder();
    private readonly byte[] _bytes = new byte[BufferSize];
    private readonly char[] _chars = new char[BufferSize + 1];
    private string _text = "";

    /// <summary>A pattern as a user gives it.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static Regex Pattern(string text) => new(text, RegexOptions.CultureInvariant, MatchLimit);

    /// <summary>Sends text.</summary>
    public ValueTask SendAsync(string text, CancellationToken cancel) => console.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);

    /// <summary>Waits for a pattern and returns what came, up to its end; the rest stays for the next.</summary>
    /// <exception cref="VirtException">It did not come in time, or the console ended before.</exception>
    public async Task<string> WaitAsync(Regex pattern, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            for (;;)
            {
                if (pattern.Match(_text) is { Success: true } match)
                {
                    int end = match.Index + match.Length;
                    string said = _text[..end];
                    _text = _text[end..];
                    return said;
                }

                if (!await ReadAsync(deadline.Token).ConfigureAwait(false))
                    throw Missing(VirtErrorCode.OperationFailed, pattern, "ended", "The domain is off; start it, and open its console anew.");
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Missing(
                VirtErrorCode.OperationTimeout, pattern, string.Create(CultureInfo.InvariantCulture, $"went on for {timeout.TotalSeconds:0.###} s"),
                "Check the pattern, or allow more time with -TimeoutSec.");
        }
    }

    private async Task<bool> ReadAsync(CancellationToken cancel)
    {
        int count = await console.ReadAsync(_bytes, cancel).ConfigureAwait(false);
        if (count == 0)
            return false;
        if (log is not null)
            await log.WriteAsync(_bytes.AsMemory(0, count), cancel).ConfigureAwait(false);
        _text += new string(_chars, 0, _decoder.GetChars(_bytes, 0, count, _chars, 0, flush: false));
        if (_text.Length > MaximumText)
            _text = _text[^MaximumText..];
        return true;
    }

    private VirtException Missing(VirtErrorCode code, Regex pattern, string what, string action)
    {
        string tail = _text.Length > ShownTail ? "..." + _text[^ShownTail..] : _text;
        return VirtException.Create(code, $"{name} {what} without '{pattern}'; what came last is: {tail.Trim()}", pattern.ToString(), action);
    }
}
