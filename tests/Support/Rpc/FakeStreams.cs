using System.Globalization;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Streams of a driver that do what their name says, and a count of those that are open.</summary>
internal sealed class FakeStreams
{
    private readonly Lock _gate = new();
    private readonly HashSet<FakeStream> _open = [];
    private TaskCompletionSource? _none;

    /// <summary>The stream opened last.</summary>
    public FakeStream? Last { get; private set; }

    /// <summary>Completed by a test to let "late" open.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when "late" is asked for.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens <c>echo</c>; <c>bulk:N</c>, which gives N bytes and checks those it gets; <c>stuck</c>; <c>broken</c>;
    /// <c>failing</c>; <c>late</c>, an echo that takes its time; <c>refused</c>.</summary>
    public async Task<VirtStream> OpenAsync(string name, CancellationToken cancel)
    {
        if (name == "refused")
            throw VirtException.Create(VirtErrorCode.OperationFailed, "the console is in use", name, "Use Force.");
        if (name == "late")
        {
            Asked.TrySetResult();
            await Gate.Task.WaitAsync(cancel);
        }

        string[] parts = name.Split(':');
        FakeStream stream = new(this, parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        lock (_gate)
        {
            _open.Add(stream);
            Last = stream;
        }

        return stream;
    }

    /// <summary>Completes when no stream is open.</summary>
    public Task WhenNoneAsync()
    {
        lock (_gate)
        {
            if (_open.Count == 0)
                return Task.CompletedTask;
            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task;
        }
    }

    public void Remove(FakeStream stream)
    {
        lock (_gate)
        {
            _open.Remove(stream);
            if (_open.Count == 0)
            {
                _none?.TrySetResult();
                _none = null;
            }
        }
    }
}
