using System.Text;
using Virt.Rpc;
using Virt.Streams;

namespace Virt.Drivers.Test;

/// <summary>A console that greets and then gives back what it is sent, as a terminal in echo mode does: Enter begins a new line.</summary>
internal sealed class TestConsole : VirtStream
{
    private const byte Enter = (byte)'\r';
    private const byte NewLine = (byte)'\n';

    private readonly Stream _output;
    private readonly Stream _echo;

    private TestConsole() => (_output, _echo) = InMemoryPair.Create();

    /// <summary>Opens one.</summary>
    public static async ValueTask<VirtStream> OpenAsync(string domain, CancellationToken cancel)
    {
        var console = new TestConsole();
        await console._echo.WriteAsync(Encoding.UTF8.GetBytes($"{domain} on the test hypervisor\r\n> "), cancel).ConfigureAwait(false);
        return console;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _output.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.Span.Contains(Enter) ? WriteLinesAsync(buffer, cancellationToken) : _echo.WriteAsync(buffer, cancellationToken);

    public override ValueTask FinishAsync(CancellationToken cancel)
    {
        _echo.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _echo.Dispose();
            _output.Dispose();
        }

        base.Dispose(disposing);
    }

    private ValueTask WriteLinesAsync(ReadOnlyMemory<byte> typed, CancellationToken cancel)
    {
        var text = new List<byte>(typed.Length + 16);
        foreach (byte one in typed.Span)
        {
            text.Add(one);
            if (one == Enter)
                text.AddRange(NewLine, (byte)'>', (byte)' ');
        }

        return _echo.WriteAsync(text.ToArray(), cancel);
    }
}
