using System.Collections.Concurrent;

namespace System.Management.Automation;

/// <summary>A command whose streams are lists.</summary>
public abstract class Cmdlet
{
    private int _thread;

    public ConcurrentQueue<object> Output { get; } = [];

    public ConcurrentQueue<ErrorRecord> Errors { get; } = [];

    public ConcurrentQueue<string> Warnings { get; } = [];

    public ConcurrentQueue<string> VerboseLines { get; } = [];

    public ConcurrentQueue<ProgressRecord> ProgressRecords { get; } = [];

    /// <summary>The effects that -WhatIf or -Confirm would show.</summary>
    public ConcurrentQueue<string> Effects { get; } = [];

    /// <summary>What the user answers; -WhatIf is a no to everything.</summary>
    public bool Confirmed { get; set; } = true;

    /// <summary>Called for each object that is written.</summary>
    public Action<object>? OnOutput { get; set; }

    public void WriteObject(object output)
    {
        CheckThread();
        Output.Enqueue(output);
        OnOutput?.Invoke(output);
    }

    public void WriteError(ErrorRecord error)
    {
        CheckThread();
        Errors.Enqueue(error);
    }

    public void WriteWarning(string text)
    {
        CheckThread();
        Warnings.Enqueue(text);
    }

    public void WriteVerbose(string text)
    {
        CheckThread();
        VerboseLines.Enqueue(text);
    }

    public void WriteProgress(ProgressRecord progress)
    {
        CheckThread();
        ProgressRecords.Enqueue(progress);
    }

    public bool ShouldProcess(string description, string warning, string caption)
    {
        CheckThread();
        Effects.Enqueue(description);
        return Confirmed;
    }

    /// <summary>What the user answers when asked whether to go on.</summary>
    public Queue<bool> Continue { get; } = [];

    public bool ShouldContinue(string query, string caption)
    {
        CheckThread();
        return Continue.Count > 0 && Continue.Dequeue();
    }

    public void ThrowTerminatingError(ErrorRecord error) => throw new TerminatingException(error);

    public void DoBegin()
    {
        _thread = Environment.CurrentManagedThreadId;
        BeginProcessing();
    }

    public void DoProcess() => ProcessRecord();

    public void DoEnd() => EndProcessing();

    public void DoStop() => StopProcessing();

    protected virtual void BeginProcessing()
    {
    }

    protected virtual void ProcessRecord()
    {
    }

    protected virtual void EndProcessing()
    {
    }

    protected virtual void StopProcessing()
    {
    }

    // As the engine does: only the pipeline thread may write.
    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("a stream was written to from another thread than the pipeline's");
    }
}

public abstract class PSCmdlet : Cmdlet
{
    public SessionState SessionState { get; } = new();

    public InvocationInfo MyInvocation { get; } = new();

    public string ParameterSetName { get; set; } = "";

    public Host.PSHost Host { get; } = new();

    public PSEventManager Events { get; init; } = new();

    public IReadOnlyCollection<string> GetResolvedProviderPathFromPSPath(string path, out object? provider)
    {
        provider = null;
        return [path];
    }

    public string GetUnresolvedProviderPathFromPSPath(string path) => IO.Path.GetFullPath(path);
}

/// <summary>What the engine throws for ThrowTerminatingError.</summary>
public sealed class TerminatingException(ErrorRecord error) : Exception(error.Exception.Message)
{
    public ErrorRecord Error { get; } = error;
}

public sealed class PipelineStoppedException : Exception;

public sealed class PSInvalidOperationException(string message) : Exception(message);

public sealed class SessionState
{
    public PSVariableIntrinsics PSVariable { get; } = new();
}

public sealed class PSVariableIntrinsics
{
    private readonly Dictionary<string, object?> _values = [];

    public object? GetValue(string name) => _values.GetValueOrDefault(name);

    public void Set(string name, object? value) => _values[name] = value;
}

public sealed class InvocationInfo
{
    public Dictionary<string, object> BoundParameters { get; } = [];
}
