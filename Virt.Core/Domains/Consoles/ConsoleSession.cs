using Virt.Errors;
using Virt.Streams;

namespace Virt.Domains;

/// <summary>One user's time at a console: the stream of the console until it is ended from elsewhere.</summary>
/// <param name="leave">Told once when the user has left.</param>
internal sealed class ConsoleSession(Action<ConsoleSession> leave) : VirtStream
{
    private readonly Lock _gate = new();
    private VirtStream? _console;
    private VirtException? _failure;
    private bool _ended;

    /// <summary>Takes the console's stream over, or disposes it when the session has ended meanwhile.</summary>
    public void Begin(VirtStream console)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _console = console;
                return;
            }
        }

        console.Dispose();
        throw _failure ?? Off();
    }

    /// <summary>Ends the session: the user's reads and writes fail, or without an error the reads reach the end.</summary>
    public void Fail(VirtException? failure)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
            _failure = failure;
        }

        _console?.Dispose();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!Volatile.Read(ref _ended))
                return await _console!.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (Volatile.Read(ref _ended))
        {
            // That the stream was taken away is no news; why it was, is.
        }

        return _failure is null ? 0 : throw _failure;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!Volatile.Read(ref _ended))
            {
                await _console!.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception) when (Volatile.Read(ref _ended))
        {
            // As in reading.
        }

        throw _failure ?? Off();
    }

    /// <inheritdoc/>
    public override ValueTask FinishAsync(CancellationToken cancel) =>
        Volatile.Read(ref _ended) ? ValueTask.CompletedTask : _console!.FinishAsync(cancel);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Fail(new VirtException(VirtErrorCode.OperationAborted, "the console has been closed"));
            leave(this);
        }

        base.Dispose(disposing);
    }

    private static VirtException Off() => VirtException.Create(
        VirtErrorCode.OperationInvalid, "the domain is not active any more", recommendedAction: "Start it first.");
}
