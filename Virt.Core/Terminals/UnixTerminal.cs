using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;
using Virt.Native;

namespace Virt.Terminals;

/// <summary>A terminal by termios(3). It is opened anew, so that what is done to this descriptor is not done to the shell's.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed partial class UnixTerminal : RawTerminal
{
    private const int StandardInput = 0;
    private const int Drain = 1;
    private const int MaximumName = 256;

    /// <summary>More than struct termios has on any system; only libc looks inside.</summary>
    private const int ModeSize = 256;

    private readonly Lock _gate = new();
    private readonly byte[] _before = new byte[ModeSize];
    private readonly Socket _terminal;
    private readonly SafeSocketHandle _handle;
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _restored;

    public unsafe UnixTerminal()
    {
        byte* name = stackalloc byte[MaximumName];
        if (Name(StandardInput, name, MaximumName) != 0)
            throw new VirtException(VirtErrorCode.OperationInvalid, "standard input is no terminal", null, "Run it in a terminal.");
        string path = Marshal.PtrToStringUTF8((nint)name)!;
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            _handle = new SafeSocketHandle(file.DangerousGetHandle(), ownsHandle: true);
            file.SetHandleAsInvalid();
        }

        byte* mode = stackalloc byte[ModeSize];
        if (GetMode(_handle, mode) != 0)
            throw Fault(path);
        new ReadOnlySpan<byte>(mode, ModeSize).CopyTo(_before);
        // The framework's sockets drive any descriptor that epoll(7) or kqueue(2) takes: no thread waits for a key.
        _terminal = new Socket(_handle);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
        MakeRaw(mode);
        if (SetMode(_handle, Drain, mode) == 0)
            return;
        VirtException fault = Fault(path);
        Dispose();
        throw fault;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> keys, CancellationToken cancel)
    {
        try
        {
            return await _terminal.ReceiveAsync(keys, SocketFlags.None, cancel).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // Hung up.
            return 0;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancel)
    {
        while (!text.IsEmpty)
            text = text[await _terminal.SendAsync(text, SocketFlags.None, cancel).ConfigureAwait(false)..];
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        Restore();
        _terminal.Dispose();
    }

    private unsafe void Restore()
    {
        lock (_gate)
        {
            if (_restored)
                return;
            _restored = true;
            fixed (byte* before = _before)
                _ = SetMode(_handle, Drain, before);
        }
    }

    private VirtException Fault(string path)
    {
        VirtException fault = LibC.LastError($"the terminal '{path}' cannot be set up", path);
        _handle.Dispose();
        return fault;
    }

    [LibraryImport(LibC.Name, EntryPoint = "ttyname_r")]
    private static unsafe partial int Name(int fd, byte* name, nint size);

    [LibraryImport(LibC.Name, EntryPoint = "tcgetattr", SetLastError = true)]
    private static unsafe partial int GetMode(SafeHandle fd, byte* mode);

    [LibraryImport(LibC.Name, EntryPoint = "tcsetattr", SetLastError = true)]
    private static unsafe partial int SetMode(SafeHandle fd, int when, byte* mode);

    [LibraryImport(LibC.Name, EntryPoint = "cfmakeraw")]
    private static unsafe partial void MakeRaw(byte* mode);
}
