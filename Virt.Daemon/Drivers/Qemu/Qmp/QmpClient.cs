using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>
/// One connection to a guest's monitor: any number of commands at a time, replies matched by id, events handed to the
/// subscriber in the order of arrival and before the replies that follow them.
/// </summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Action<QmpEvent> _onEvent;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private readonly string _who;
    private readonly string? _domain;
    private long _lastId;
    private long _unheardSince;

    private QmpClient(Socket socket, Action<QmpEvent> onEvent, string? domain)
    {
        _socket = socket;
        _onEvent = onEvent;
        _who = domain is null ? "QEMU's monitor" : $"the monitor of domain '{domain}'";
        _domain = domain;
        _receiving = ReceiveAsync();
    }

    /// <summary>Completes with the reason when the connection has ended and its last event has been handed over.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>
    /// Whether QEMU has said nothing for a while although a command waits: it is stopped, or its main loop hangs. The first word
    /// from it ends that.
    /// </summary>
    public bool IsSilent => Interlocked.Read(ref _unheardSince) is not 0 and var since && Stopwatch.GetElapsedTime(since) > QmpLimits.SilenceTime;

    /// <summary>Takes over a connected socket: waits for the greeting and leaves the capabilities negotiation.</summary>
    /// <param name="socket">The socket; disposed with the client, or when this fails.</param>
    /// <param name="onEvent">Called for each event, one after another; it must be quick.</param>
    /// <param name="limit">The time for greeting and negotiation.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="domain">Whose monitor it is, for messages; null when it is no domain's.</param>
    public static async Task<QmpClient> OpenAsync(
        Socket socket, Action<QmpEvent> onEvent, TimeSpan limit, CancellationToken cancel, string? domain = null)
    {
        var client = new QmpClient(socket, onEvent, domain);
        try
        {
            await client._greeted.Task.WaitAsync(limit, cancel).ConfigureAwait(false);
            await client.ExecuteAsync("qmp_capabilities", limit, cancel).ConfigureAwait(false);
            return client;
        }
        catch (TimeoutException)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw client.Late("did not greet", limit);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Executes a command in the usual time.</summary>
    public Task<JsonElement> ExecuteAsync(QmpCommand command, CancellationToken cancel) =>
        ExecuteAsync(command, QmpLimits.CommandTime, cancel);

    /// <summary>Executes a command and returns its result.</summary>
    /// <exception cref="QmpException">QEMU refused it.</exception>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/> when QEMU does not answer in time,
    /// <see cref="VirtErrorCode.OperationFailed"/> when the connection ends first.</exception>
    public Task<JsonElement> ExecuteAsync(QmpCommand command, TimeSpan limit, CancellationToken cancel) =>
        ExecuteAsync(command, null, limit, cancel);

    /// <summary>Gives QEMU a descriptor under a name (<c>getfd</c>).</summary>
    public Task PassDescriptorAsync(string name, SafeHandle descriptor, CancellationToken cancel) =>
        ExecuteAsync(
            new QmpCommand("getfd", arguments => arguments.WriteString("fdname", name)), descriptor, QmpLimits.CommandTime, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving.ConfigureAwait(false);
        _sending.Dispose();
    }

    private VirtException Late(string what, TimeSpan limit) => VirtException.Create(
        VirtErrorCode.OperationTimeout, $"{_who} {what} within {limit.TotalSeconds:0.#} s", _domain, "The process may be stopped or its storage may hang: look at its log and at its state in ps; Stop-VirtDomain -TurnOff ends it.");

    private VirtException Lost(string reason) =>
        VirtException.Create(VirtErrorCode.OperationFailed, $"the connection to {_who} is lost: {reason}", _domain);

    private async Task<JsonElement> ExecuteAsync(QmpCommand command, SafeHandle? descriptor, TimeSpan limit, CancellationToken cancel)
    {
        long id = Interlocked.Increment(ref _lastId);
        var pending = new Pending(command.Name);
        _pending[id] = pending;
        try
        {
            // The write is never cut: who stops waiting leaves it to finish.
            Interlocked.CompareExchange(ref _unheardSince, Stopwatch.GetTimestamp(), 0);
            Task sending = SendAsync(command.Encode(id), descriptor, pending);
            if (_closed.Task.IsCompleted)
                pending.TrySetException(Lost(await _closed.Task.ConfigureAwait(false)));
            JsonElement result = await pending.Task.WaitAsync(limit, cancel).ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            return result;
        }
        catch (TimeoutException)
        {
            throw Late($"did not answer '{command.Name}'", limit);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, SafeHandle? descriptor, Pending pending)
    {
        try
        {
            await _sending.WaitAsync().ConfigureAwait(false);
            try
            {
                if (descriptor is not null)
                {
                    UnixSockets.SendDescriptor(_socket.SafeHandle, message.Span, descriptor);
                    return;
                }

                while (message.Length > 0)
                    message = message[await _socket.SendAsync(message).ConfigureAwait(false)..];
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            pending.TrySetException(Lost(broken.Message));
        }
        catch (VirtException refused)
        {
            pending.TrySetException(refused);
        }
    }

    private async Task ReceiveAsync()
    {
        // The constructor must return first, also when bytes are waiting already.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        string reason;
        try
        {
            var lines = new QmpLineReader(_socket);
            while (await lines.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
            {
                Interlocked.Exchange(ref _unheardSince, 0);
                if (line.Span.Trim(" \t\r"u8).Length > 0)
                    Handle(QmpMessage.Parse(line.Span));
            }

            reason = "QEMU closed it";
        }
        catch (JsonException garbage)
        {
            reason = $"QEMU sent what is not its protocol: {garbage.Message}";
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            reason = broken is ObjectDisposedException ? "virtd closed it" : broken.Message;
        }
        catch (Exception unexpected)
        {
            reason = $"a message could not be handled: {unexpected.Message}";
        }

        Fail(reason);
    }

    private void Handle(QmpMessage message)
    {
        switch (message.Kind)
        {
            case QmpMessageKind.Greeting:
                _greeted.TrySetResult();
                break;
            case QmpMessageKind.Event:
                _onEvent(new QmpEvent(message.EventName!, message.Body));
                break;
            // A reply to a command that nobody waits for any more (or that was never sent) is dropped.
            case QmpMessageKind.Return when message.Id is { } id && _pending.TryRemove(id, out Pending? pending):
                pending.TrySetResult(message.Body);
                break;
            case QmpMessageKind.Error when message.Id is { } id && _pending.TryRemove(id, out Pending? pending):
                pending.TrySetException(new QmpException(pending.Command, message.Text("class"), message.Text("desc")));
                break;
        }
    }

    private void Fail(string reason)
    {
        _socket.Dispose();
        _closed.TrySetResult(reason);
        _greeted.TrySetException(Lost(reason));
        _ = _greeted.Task.Exception;
        foreach (Pending pending in _pending.Values)
            pending.TrySetException(Lost(reason));
    }

    private sealed class Pending(string command) : TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Command => command;
    }
}
