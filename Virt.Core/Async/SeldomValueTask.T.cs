using System.Runtime.CompilerServices;

namespace Virt.Async;

/// <summary>
/// Builds the ValueTask of an async method that runs when a session begins or ends, named by <see cref="AsyncMethodBuilderAttribute"/>. The
/// framework's builder has a dozen methods more of its own compiled for each async method that waits, which a new PowerShell waits
/// for; this one has two, and allocates more instead.
/// </summary>
/// <typeparam name="T">What it brings.</typeparam>
public struct SeldomValueTask<T>
{
    private AsyncTaskMethodBuilder<T> _task;
    private SuspendedMethod? _suspended;

    /// <summary>What the caller of the method gets.</summary>
    public ValueTask<T> Task => new(_task.Task);

    /// <summary>A new one.</summary>
    public static SeldomValueTask<T> Create() => default;

    /// <summary>Runs the method until it waits.</summary>
    public void Start<TMethod>(ref TMethod stateMachine)
        where TMethod : IAsyncStateMachine
    {
        ExecutionContext? context = ExecutionContext.Capture();
        stateMachine.MoveNext();
        SuspendedMethod.Leave(context);
    }

    /// <summary>Part of the pattern; nothing is to be done.</summary>
    public void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has ended.</summary>
    public void SetResult(T result) => _task.SetResult(result);

    /// <summary>The method has failed.</summary>
    public void SetException(Exception exception) => _task.SetException(exception);

    /// <summary>Goes on with the method when what it waits for is there.</summary>
    public void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod stateMachine)
        where TAwaiter : INotifyCompletion
        where TMethod : IAsyncStateMachine
    {
        if (_suspended is null)
            Suspend().Hold(stateMachine);
        awaiter.OnCompleted(_suspended!.Continuation());
    }

    /// <inheritdoc cref="AwaitOnCompleted"/>
    public void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TMethod : IAsyncStateMachine
    {
        if (_suspended is null)
            Suspend().Hold(stateMachine);
        awaiter.UnsafeOnCompleted(_suspended!.Continuation());
    }

    // Before the state, of which this is a part, is copied: both then complete the same task.
    private SuspendedMethod Suspend()
    {
        _ = _task.Task;
        return _suspended = new SuspendedMethod();
    }
}
