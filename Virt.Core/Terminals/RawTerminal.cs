namespace Virt.Terminals;

/// <summary>
/// This process's terminal, taken over: every key comes at once as the bytes a terminal sends, Ctrl+C too, and nothing is echoed.
/// Disposal gives it back as it was.
/// </summary>
public abstract class RawTerminal : IDisposable
{
    /// <summary>Takes the terminal over.</summary>
    /// <exception cref="Errors.VirtException">There is none.</exception>
    public static RawTerminal Open() => OperatingSystem.IsWindows() ? new WindowsTerminal() : new UnixTerminal();

    /// <summary>Waits for keys; 0 when the terminal is gone. A read that is cancelled takes no key away.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> keys, CancellationToken cancel);

    /// <summary>Shows bytes as they are.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the terminal back.</summary>
    protected abstract void Dispose(bool disposing);
}
