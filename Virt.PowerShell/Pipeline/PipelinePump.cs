using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Virt.Async;

namespace Virt.PowerShell;

/// <summary>
/// The bridge between tasks and the pipeline thread, the only thread that may write to the pipeline: tasks post what has to be
/// done there, the pipeline thread drains it.
/// </summary>
internal sealed class PipelinePump : IDisposable
{
    private readonly BlockingCollection<Action> _actions = [];
    private int _running;

    /// <summary>How many started tasks have not ended.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Hands an action to the pipeline thread; dropped when the command has ended.</summary>
    public void Post(Action action)
    {
        try
        {
            _actions.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The command was stopped; nobody reads its output any more.
        }
    }

    /// <summary>Asks the pipeline thread for an answer.</summary>
    public Task<T> AskAsync<T>(Func<T> question, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                answer.TrySetResult(question());
            }
            catch (Exception failure)
            {
                answer.TrySetException(failure);
            }
        });
        return answer.Task.WaitAsync(cancel);
    }

    /// <summary>Starts work on the thread pool; it must not throw.</summary>
    public void Start(Func<Task> work)
    {
        Interlocked.Increment(ref _running);
        _ = Task.Run(() => DoAsync(work));
    }

    /// <summary>Does what has been posted, without waiting.</summary>
    public void DrainReady()
    {
        while (_actions.TryTake(out Action? action))
            action();
    }

    /// <summary>Does what is posted until all started work has ended.</summary>
    public void DrainAll(CancellationToken cancel)
    {
        while (Running > 0 || _actions.Count > 0)
            _actions.Take(cancel)();
    }

    /// <summary>Does what is posted until the task has ended.</summary>
    public void DrainUntil(Task task, CancellationToken cancel)
    {
        _ = task.ContinueWith(
            _ => Post(WakeUp), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!task.IsCompleted)
            _actions.Take(cancel)();
    }

    // Not disposed of: work that outlives a stopped command may still post, and then only has to be ignored.
    public void Dispose() => _actions.CompleteAdding();

    [AsyncMethodBuilder(typeof(SeldomTask))]
    private async Task DoAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Post(WakeUp);
        }
    }

    private static void WakeUp()
    {
    }
}
