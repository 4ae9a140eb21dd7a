using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Rpc.Audit;

/// <summary>
/// The file of the audit log: for its owner alone, every write at its end. One that was moved away or deleted is opened anew
/// under its name, so that rotating it needs no signal.
/// </summary>
internal sealed class AuditFile(string path) : IDisposable
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private SafeFileHandle? _handle;
    private string? _place;
    private bool _torn;

    public string FilePath => path;

    /// <summary>Appends whole lines.</summary>
    /// <exception cref="Exception">Of any kind: the disk is full, the folder gone. What was written of the lines is ended later.</exception>
    public void Write(ReadOnlySpan<byte> lines)
    {
        if (_handle is not null && Place(_handle) != _place)
            Close();
        if (_handle is null)
        {
            _handle = HostFile.Append(Path.GetFullPath(path));
            _place = Place(_handle);
        }

        if (_torn)
            RandomAccess.Write(_handle, LineEnd, 0);
        _torn = true;
        RandomAccess.Write(_handle, lines, 0);
        _torn = false;
    }

    public void Dispose() => Close();

    private void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }

    /// <summary>Where the kernel says the open file is now; it changes when the file is renamed or deleted.</summary>
    private static string? Place(SafeFileHandle handle) =>
        File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
}
