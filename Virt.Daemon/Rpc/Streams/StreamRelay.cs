using System.Buffers;
using Virt.Errors;
using Virt.Rpc;
using Virt.Rpc.Streams;
using Virt.Streams;

namespace Virt.Daemon.Rpc;

#pragma warning disable CA1001 // the relay gives its streams back itself; a token source without timer and link holds nothing
/// <summary>Carries bytes between a client and the stream that a driver gave for its call, both ways, until both are over.</summary>
internal sealed class StreamRelay
{
    private readonly ServerClient _client;
    private readonly VirtStream _driver;
    private readonly RpcStream _peer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>Takes a driver's stream over.</summary>
    /// <param name="client">Who called for it.</param>
    /// <param name="call">The header of the call.</param>
    /// <param name="driver">The driver's stream.</param>
    public StreamRelay(ServerClient client, FrameHeader call, VirtStream driver)
    {
        _client = client;
        _driver = driver;
        _peer = new RpcStream(client.Connection, call.Procedure, _ => client.Streams.Release(this)) { Serial = call.Serial };
    }

    public int Serial => _peer.Serial;

    /// <summary>Completes when the driver's stream is disposed of.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes a frame of the client, on the receive loop.</summary>
    public void OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body) => _peer.OnFrame(header, body);

    /// <summary>Begins to carry; one that was aborted already only gives back what it holds.</summary>
    public void Start() => _ = RunAsync();

    /// <summary>The client has given it up or is gone.</summary>
    public void Abort()
    {
        _peer.End(new OperationCanceledException("the client has given the stream up"));
        _ = _cancel.CancelAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await Task.WhenAll(CopyAsync(_driver, _peer), CopyAsync(_peer, _driver)).ConfigureAwait(false);
            await _driver.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RpcLog.CleanUpFailed(_client.Logger, _client.Id, "a stream", e);
        }

        await _peer.DisposeAsync().ConfigureAwait(false);
        _client.Streams.Remove(this);
        _ended.TrySetResult();
    }

    /// <summary>Copies one direction to its end. A failure ends both; the client is told, unless it is the one that gave up.</summary>
    private async Task CopyAsync(VirtStream from, VirtStream to)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(RpcLimits.StreamChunk);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, _cancel.Token).ConfigureAwait(false)) > 0)
                await to.WriteAsync(buffer.AsMemory(0, count), _cancel.Token).ConfigureAwait(false);
            await to.FinishAsync(_cancel.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _peer.Fail(Explain(e));
            await _cancel.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ErrorRecord Explain(Exception error)
    {
        if (error is VirtException or OperationCanceledException)
            return ErrorRecord.From(error);
        RpcLog.StreamBroke(_client.Logger, Serial, _client.Id, error);
        return new ErrorRecord(
            VirtErrorCode.InternalError, $"virtd failed in a stream: {error.Message}", null,
            "The log of virtd has the details; please report them.");
    }
}
