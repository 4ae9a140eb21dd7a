using System.Runtime.CompilerServices;

namespace Virt.Async;

/// <summary>An async method that waits: its state, and the context that it goes on in.</summary>
internal sealed class SuspendedMethod
{
    private static readonly ContextCallback MoveNext = static state => ((SuspendedMethod)state!)._method!.MoveNext();

    private readonly Action _continue;
    private IAsyncStateMachine? _method;
    private ExecutionContext? _context;

    public SuspendedMethod() => _continue = Continue;

    /// <summary>Takes the method's state, of which it is part already.</summary>
    public void Hold(IAsyncStateMachine method) => _method = method;

    /// <summary>What goes on with the method, in the context of now.</summary>
    public Action Continuation()
    {
        _context = ExecutionContext.Capture();
        return _continue;
    }

    /// <summary>What a method changed in its context while it had not waited stays its own.</summary>
    public static void Leave(ExecutionContext? before)
    {
        if (before is not null && ExecutionContext.Capture() != before)
            ExecutionContext.Restore(before);
    }

    private void Continue()
    {
        if (_context is { } context)
            ExecutionContext.Run(context, MoveNext, this);
        else
            _method!.MoveNext();
    }
}
