using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The log of a domain: the command line of each run, then what QEMU says on its standard error.</summary>
internal sealed class DomainLog : IDisposable
{
    private const int LastWordsLength = 2048;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private long _begin;

    private DomainLog(string path, SafeFileHandle handle)
    {
        _path = path;
        Handle = handle;
    }

    /// <summary>The file, for QEMU to write to.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens the log at a path; one that has grown large is kept beside it and begun anew.</summary>
    public static DomainLog Open(string path)
    {
        try
        {
            // The folder of logs may be swept away while we run.
            Folders.Make(Path.GetDirectoryName(path)!, Private);
            LogFile.Rotate(path);
            return new DomainLog(path, HostFile.Append(path));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the log '{path}' cannot be written: {denied.Message}", path, "Look at the rights and the space there.", denied);
        }
    }

    /// <summary>Writes how QEMU is started.</summary>
    public void WriteHeader(GuestPlan plan, string domain, ILogger logger)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fff}+0000: starting up\n");
        foreach (string variable in plan.Environment)
            text.Append(variable).Append(" \\\n");
        text.Append(plan.Executable);
        foreach (string argument in plan.Arguments)
            text.Append(argument.StartsWith('-') ? " \\\n" : " ").Append(Quote(argument));
        text.Append('\n');
        try
        {
            RandomAccess.Write(Handle, Encoding.UTF8.GetBytes(text.ToString()), 0);
            _begin = RandomAccess.GetLength(Handle);
        }
        catch (IOException full)
        {
            // A log that cannot be written keeps no guest from starting.
            QemuLog.TaskFailed(logger, domain, "writing its log", full.Message);
        }
    }

    /// <summary>What QEMU has said in this run, or the end of it; empty when it said nothing.</summary>
    public string ReadLastWords()
    {
        try
        {
            using SafeFileHandle file = HostFile.OpenRead(_path);
            return ReadLastWords(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private string ReadLastWords(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        // It may have been cut since the run began.
        long from = Math.Max(length < _begin ? 0 : _begin, length - LastWordsLength);
        byte[] bytes = new byte[Math.Max(0, Math.Min(length - from, LastWordsLength))];
        int count = RandomAccess.Read(file, bytes, from);
        string text = Encoding.UTF8.GetString(bytes, 0, count);
        return string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static string Quote(string argument) =>
        argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./,=:@%+".Contains(c, StringComparison.Ordinal)) && argument.Length > 0
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
