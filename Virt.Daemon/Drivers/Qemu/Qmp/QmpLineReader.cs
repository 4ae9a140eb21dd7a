using System.Net.Sockets;
using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>Cuts a monitor's bytes into lines, whatever pieces they arrive in.</summary>
/// <param name="socket">The monitor.</param>
/// <param name="maximumLine">The longest line, in bytes.</param>
/// <param name="maximumSum">The most bytes of all lines together.</param>
internal sealed class QmpLineReader(Socket socket, int maximumLine = QmpLimits.MaximumLine, long maximumSum = long.MaxValue)
{
    private long _sum;
    private byte[] _buffer = new byte[QmpLimits.InitialBuffer];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>The next line without its end; null at the end of the stream. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancel)
    {
        while (true)
        {
            int newline = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (newline >= 0)
                return Take(_searched + newline);
            _searched = _end;
            MakeRoom();
            int count = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancel).ConfigureAwait(false);
            if (count == 0)
                return null;
            _end += count;
            _sum += count;
            if (_sum > maximumSum)
                throw new JsonException($"it says more than {maximumSum} bytes");
        }
    }

    private ReadOnlyMemory<byte> Take(int newline)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, newline - _start);
        _start = _searched = newline + 1;
        return line;
    }

    private void MakeRoom()
    {
        int length = _end - _start;
        if (length >= maximumLine)
            throw new JsonException($"a line is longer than {maximumLine} bytes");
        if (length == 0 && _buffer.Length > QmpLimits.InitialBuffer)
            _buffer = new byte[QmpLimits.InitialBuffer];
        else if (length == _buffer.Length)
            Array.Resize(ref _buffer, Math.Min(length * 2, maximumLine));
        else if (_start > 0)
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, length);
        (_start, _end, _searched) = (0, length, length);
    }
}
