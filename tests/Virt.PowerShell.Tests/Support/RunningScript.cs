using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Virt.Tests.PowerShell;

/// <summary>A script under way in a runspace.</summary>
internal sealed class RunningScript
{
    private readonly Shell _shell;
    private readonly LabScreen _screen;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _end;

    public RunningScript(Runspace runspace, LabScreen screen, string script)
    {
        _screen = screen;
        _screen.Clear();
        _shell = Shell.Create(runspace);
        _shell.AddScript(script);
        _output.DataAdded += (_, _) => _first.TrySetResult();
        _end = Task.Factory.FromAsync(_shell.BeginInvoke<PSObject, PSObject>(input: null, _output), _shell.EndInvoke);
    }

    /// <summary>Waits for the first object that is written.</summary>
    public async Task FirstOutputAsync()
    {
        await Task.WhenAny(_first.Task, _end).WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(_first.Task.IsCompleted, "the script has ended and written nothing");
    }

    /// <summary>Ctrl+C. Returns when the pipeline has stopped.</summary>
    public Outcome Stop()
    {
        _shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, _shell.InvocationStateInfo.State);
        return Collect();
    }

    /// <summary>Waits for the end; a failure that ends the script is thrown.</summary>
    public async Task<Outcome> EndAsync()
    {
        try
        {
            await _end.WaitAsync(TestContext.Current.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            _shell.Stop();
            throw;
        }

        return Collect();
    }

    private Outcome Collect()
    {
        const string WhatIf = "What if: ";
        var outcome = new Outcome(
            [.. _output], _shell.Streams,
            [.. _screen.Lines.Where(line => line.StartsWith(WhatIf, StringComparison.Ordinal)).Select(line => line[WhatIf.Length..])],
            [.. _screen.Questions]);
        _shell.Dispose();
        return outcome;
    }
}
