using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Rpc;

/// <summary>Calls that have to be answered within a time; one that is not is cancelled, also at the far side.</summary>
internal sealed class TimedCaller(IRpcCaller caller, TimeSpan timeout) : IRpcCaller
{
    public ValueTask<TResult> CallAsync<TArguments, TResult>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
        CancellationToken cancel) =>
        WithinAsync(token => caller.CallAsync(procedure, arguments, writeArguments, readResult, token), cancel);

    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask CallAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel) =>
        await WithinAsync<object?>(
            [AsyncMethodBuilder(typeof(SeldomValueTask<>))] async ValueTask<object?> (token) =>
            {
                await caller.CallAsync(procedure, arguments, writeArguments, token).ConfigureAwait(false);
                return null;
            },
            cancel).ConfigureAwait(false);

    public ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
        Action<TEvent> handler, CancellationToken cancel) =>
        WithinAsync(token => caller.SubscribeAsync(procedure, arguments, writeArguments, readEvent, handler, token), cancel);

    public ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel) =>
        WithinAsync(token => caller.OpenStreamAsync(procedure, arguments, writeArguments, token), cancel);

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private async ValueTask<TResult> WithinAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> call, CancellationToken cancel)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout);
        try
        {
            return await call(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout,
                FormattableString.Invariant($"the daemon did not answer within {timeout.TotalSeconds:0.###} s"),
                recommendedAction: "Check that the daemon is well, or allow more time.",
                innerException: e);
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
    }
}
