using Virt.Streams;

namespace Virt.Rpc;

/// <summary>
/// How stubs make their calls: those of the usual caller without its interface. A generic method behind an interface cannot be seen
/// by the ahead-of-time compiler, so that each would be compiled at its first call, and is looked up at every call.
/// </summary>
public static class StubCalls
{
    /// <inheritdoc cref="IRpcCaller.CallAsync{TArguments, TResult}"/>
    public static ValueTask<TResult> CallAsync<TArguments, TResult>(
        IRpcCaller caller, ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments,
        WireReader<TResult> readResult, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller is RpcClient client
            ? client.CallAsync(procedure, arguments, writeArguments, readResult, cancel)
            : caller.CallAsync(procedure, arguments, writeArguments, readResult, cancel);
    }

    /// <inheritdoc cref="IRpcCaller.CallAsync{TArguments}"/>
    public static ValueTask CallAsync<TArguments>(
        IRpcCaller caller, ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller is RpcClient client
            ? client.CallAsync(procedure, arguments, writeArguments, cancel)
            : caller.CallAsync(procedure, arguments, writeArguments, cancel);
    }

    /// <inheritdoc cref="IRpcCaller.SubscribeAsync{TArguments, TEvent}"/>
    public static ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        IRpcCaller caller, ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments,
        WireReader<TEvent> readEvent, Action<TEvent> handler, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller is RpcClient client
            ? client.SubscribeAsync(procedure, arguments, writeArguments, readEvent, handler, cancel)
            : caller.SubscribeAsync(procedure, arguments, writeArguments, readEvent, handler, cancel);
    }

    /// <inheritdoc cref="IRpcCaller.OpenStreamAsync{TArguments}"/>
    public static ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        IRpcCaller caller, ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller is RpcClient client
            ? client.OpenStreamAsync(procedure, arguments, writeArguments, cancel)
            : caller.OpenStreamAsync(procedure, arguments, writeArguments, cancel);
    }
}
