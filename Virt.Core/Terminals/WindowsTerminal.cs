using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Virt.Errors;

namespace Virt.Terminals;

/// <summary>The console of Windows, in the mode in which it speaks like a terminal. Its reads hold a thread of their own.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsTerminal : RawTerminal
{
    private const int Input = -10;
    private const int Output = -11;
    private const uint TerminalInput = 0x200;
    private const uint ProcessedOutput = 1;
    private const uint TerminalOutput = 4;
    private const uint NoAutoReturn = 8;

    private readonly Channel<byte[]> _keys = Channel.CreateBounded<byte[]>(64);
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly nint _input = GetHandle(Input);
    private readonly nint _screen = GetHandle(Output);
    private readonly uint _inputBefore;
    private readonly uint _screenBefore;
    private byte[] _rest = [];
    private volatile bool _disposed;

    public WindowsTerminal()
    {
        if (!GetMode(_input, out _inputBefore) || !GetMode(_screen, out _screenBefore))
            throw new VirtException(VirtErrorCode.OperationInvalid, "this process has no console", null, "Run it in a terminal.");
        SetMode(_input, TerminalInput);
        SetMode(_screen, _screenBefore | ProcessedOutput | TerminalOutput | NoAutoReturn);
        new Thread(Listen) { IsBackground = true, Name = "keys" }.Start();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> keys, CancellationToken cancel)
    {
        if (_rest.Length == 0)
        {
            if (!await _keys.Reader.WaitToReadAsync(cancel).ConfigureAwait(false) || !_keys.Reader.TryRead(out byte[]? next))
                return 0;
            _rest = next;
        }

        int count = Math.Min(keys.Length, _rest.Length);
        _rest.AsMemory(0, count).CopyTo(keys);
        _rest = _rest[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancel) => _output.WriteAsync(text, cancel);

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        SetMode(_input, _inputBefore);
        SetMode(_screen, _screenBefore);
        CancelRead(_input, 0);
    }

    private void Listen()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] keys = new byte[1024];
        try
        {
            int count;
            while (!_disposed && (count = input.Read(keys)) > 0)
            {
                if (!_keys.Writer.TryWrite(keys[..count]))
                    break;
            }
        }
        catch (IOException)
        {
            // The read was ended by disposal, or the console is gone.
        }

        _keys.Writer.TryComplete();
    }

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle")]
    private static partial nint GetHandle(int which);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleMode")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetMode(nint handle, out uint mode);

    [LibraryImport("kernel32", EntryPoint = "SetConsoleMode")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetMode(nint handle, uint mode);

    [LibraryImport("kernel32", EntryPoint = "CancelIoEx")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CancelRead(nint handle, nint overlapped);
}
