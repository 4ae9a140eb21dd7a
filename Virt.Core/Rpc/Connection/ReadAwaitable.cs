using System.Runtime.CompilerServices;

namespace Virt.Rpc;

/// <summary>
/// Awaits a read and spends the thread, once the loop is sure to be resumed elsewhere, on what the handler put off: the caller
/// that waits for a reply goes on without a change of threads, and however long it takes, it does not hold the loop.
/// </summary>
internal readonly struct ReadAwaitable(ValueTask<int> read, IFrameHandler handler)
{
    public Awaiter GetAwaiter() => new(read.ConfigureAwait(false).GetAwaiter(), handler);

    public readonly struct Awaiter(ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter read, IFrameHandler handler)
        : ICriticalNotifyCompletion
    {
        public bool IsCompleted
        {
            get
            {
                if (!read.IsCompleted)
                    return false;
                if (handler.TakeDeferred() is { } work)
                    ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
                return true;
            }
        }

        public int GetResult() => read.GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            // Taken first: the loop may run on another thread before the next line has returned.
            IThreadPoolWorkItem? work = handler.TakeDeferred();
            read.UnsafeOnCompleted(continuation);
            work?.Execute();
        }
    }
}
