using System.Diagnostics;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Terminals;
using ErrorRecord = System.Management.Automation.ErrorRecord;

namespace Virt.PowerShell;

/// <summary>
/// The base of all commands: work runs as tasks, what it has to say is written by the pipeline thread as it comes, and Ctrl+C
/// ends it at once.
/// </summary>
public abstract class VirtCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PipelinePump _pump = new();

    /// <summary>
    /// The hosts of this PowerShell session; commands are made on the pipeline thread, which knows its runspace.
    /// </summary>
    internal HostSession Session { get; set; } = RunspaceSessions.Current;

    /// <summary>Ends all work when the command is stopped.</summary>
    internal CancellationToken StopToken => _stop.Token;

    /// <summary>Work that has not ended.</summary>
    internal int Running => _pump.Running;

    /// <summary>Ctrl+C: ends all waiting.</summary>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Ends what still runs; a command that the pipeline needs no more is disposed of without having been stopped.
    /// </summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _stop.Cancel();
        _pump.Dispose();
    }

    internal void Emit(object output) => _pump.Post(() => WriteObject(output));

    internal void Warn(string message) => _pump.Post(() => WriteWarning(message));

    internal void Verbose(string message) => _pump.Post(() => WriteVerbose(message));

    internal void Progress(ProgressRecord progress) => _pump.Post(() => WriteProgress(progress));

    internal void Fail(Exception exception, object? target)
    {
        ErrorRecord record = ErrorMap.ToRecord(exception, target);
        _pump.Post(() => WriteError(record));
    }

    // All that commands say passes here, as visible text: what they write by their base's methods of the same names passes unseen.
    // Errors are made by ErrorMap, and objects have visible text.

    /// <summary>Writes a warning.</summary>
    protected new void WriteWarning(string text) => base.WriteWarning(VisibleText.Lines(text));

    /// <summary>Writes to the verbose stream.</summary>
    protected new void WriteVerbose(string text) => base.WriteVerbose(VisibleText.Lines(text));

    /// <summary>Writes progress.</summary>
    protected new void WriteProgress(ProgressRecord progressRecord)
    {
        ArgumentNullException.ThrowIfNull(progressRecord);
        progressRecord.Activity = VisibleText.Line(progressRecord.Activity);
        progressRecord.StatusDescription = VisibleText.Line(progressRecord.StatusDescription);
        progressRecord.CurrentOperation = VisibleText.Line(progressRecord.CurrentOperation);
        base.WriteProgress(progressRecord);
    }

    /// <summary>Asks before a change.</summary>
    protected new bool ShouldProcess(string verboseDescription, string verboseWarning, string caption) =>
        base.ShouldProcess(VisibleText.Lines(verboseDescription), VisibleText.Lines(verboseWarning), VisibleText.Line(caption));

    /// <summary>Asks on.</summary>
    protected new bool ShouldContinue(string query, string caption) =>
        base.ShouldContinue(VisibleText.Lines(query), VisibleText.Line(caption));

    /// <summary>Starts work; a failure becomes an error about the target.</summary>
    internal void Begin(object? target, Func<CancellationToken, Task> work) => _pump.Start(() => DoAsync(target, work));

    /// <summary>Writes what is there to be written.</summary>
    internal void WriteReady() => _pump.DrainReady();

    /// <summary>Writes what comes until all work has ended.</summary>
    internal void WriteUntilDone() => OnPipelineThread(() => _pump.DrainAll(StopToken));

    /// <summary>Waits for one piece of work, writing what comes meanwhile; its failure is thrown, as Virt's own.</summary>
    internal T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        Task<T> task = Task.Run(() => work(StopToken));
        return OnPipelineThread(() =>
        {
            _pump.DrainUntil(task, StopToken);
            T result;
            try
            {
                result = task.GetAwaiter().GetResult();
            }
            catch (Exception foreign) when (foreign is not (VirtException or OperationCanceledException or RuntimeException))
            {
                throw ErrorMap.Known(foreign);
            }

            _pump.DrainReady();
            return result;
        });
    }

    /// <summary>As <see cref="Await{T}"/>; its failure ends the command.</summary>
    internal T AwaitOrEnd<T>(object? target, Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return Await(work);
        }
        catch (Exception failure) when (failure is not PipelineStoppedException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(failure, target));
            throw;
        }
    }

    /// <summary>Makes one call to a host's driver and tells in the verbose stream what was called and how long it took.</summary>
    internal virtual Task<T> CallAsync<T>(
        VirtHost host, string call, Func<IHypervisorDriver, CancellationToken, ValueTask<T>> make, CancellationToken cancel) =>
        CallHostAsync(host, call, (connection, token) => make(connection.Hypervisor, token), cancel);

    /// <summary>As <see cref="CallAsync{T}"/>, to the host's storage.</summary>
    internal Task<T> StorageAsync<T>(
        VirtHost host, string call, Func<IStorageDriver, CancellationToken, ValueTask<T>> make, CancellationToken cancel) =>
        CallHostAsync(host, call, (connection, token) => make(connection.Storage, token), cancel);

    /// <summary>As <see cref="CallAsync{T}"/>, to any of the host's drivers.</summary>
    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    internal async Task<T> CallHostAsync<T>(
        VirtHost host, string call, Func<VirtConnection, CancellationToken, ValueTask<T>> make, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            return await host.CallAsync(make, cancel).ConfigureAwait(false);
        }
        finally
        {
            Verbose($"{host.Name}: {call} took {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
            if (host.TakeNews() is { } news)
                Warn(news);
        }
    }

    /// <summary>Deletes an image of a host.</summary>
    internal Task DeleteImageAsync(VirtHost host, string path, CancellationToken cancel) => StorageAsync(
        host, $"DeleteImage '{path}'",
        async (storage, token) =>
        {
            await storage.DeleteImageAsync(path, token).ConfigureAwait(false);
            return true;
        },
        cancel);

    /// <summary>Answers a host's questions: from the credential, else by asking the user.</summary>
    internal ConnectAuth Authentication(PSCredential? credential)
    {
        if (credential is null)
            return new ConnectAuth(AskUserAsync);
        ConnectAuth given = ConnectAuth.FromCredential(credential.UserName, credential.GetNetworkCredential().Password);
        // A credential cannot say whether a host's key is right.
        return new ConnectAuth((requests, cancel) => requests.All(request => request.Kind == CredentialKind.Confirmation)
            ? AskUserAsync(requests, cancel)
            : given.Answer(requests, cancel));
    }

    private async ValueTask<IReadOnlyList<string>?> AskUserAsync(IReadOnlyList<CredentialRequest> requests, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, StopToken);
        try
        {
            return await _pump.AskAsync(() => UserPrompt.Ask(Host.UI, requests), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A lost connection is opened again by a later command, and this one, which could have asked, has ended.
            throw new VirtException(
                VirtErrorCode.AuthenticationCancelled, "the host asks for credentials again", null,
                "Run Connect-VirtHost again, or with -Credential, which also serves when a lost connection is opened again.");
        }
    }

    [AsyncMethodBuilder(typeof(SeldomTask))]
    private async Task DoAsync(object? target, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(StopToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            // Stopped: there is nobody left to tell.
        }
        catch (Exception failure)
        {
            Fail(failure, target);
        }
    }

    private void OnPipelineThread(Action action) =>
        OnPipelineThread<object?>(() =>
        {
            action();
            return null;
        });

    private T OnPipelineThread<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
