using Virt.Streams;

namespace Virt.Rpc;

/// <summary>What a generated stub needs from a connection: calls, subscriptions and streams. <c>RpcClient</c> is the real one.</summary>
public interface IRpcCaller
{
    /// <summary>Calls and waits for the result. A cancel ends the wait at once and tells the other side.</summary>
    ValueTask<TResult> CallAsync<TArguments, TResult>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
        CancellationToken cancel);

    /// <summary>Calls and waits for the empty result.</summary>
    ValueTask CallAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel);

    /// <summary>Subscribes; the handler gets each event until the result is disposed.</summary>
    ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
        Action<TEvent> handler, CancellationToken cancel);

    /// <summary>Opens a stream; the token ends the opening only.</summary>
    ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel);
}
