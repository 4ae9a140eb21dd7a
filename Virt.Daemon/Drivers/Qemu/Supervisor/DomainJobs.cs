using System.Diagnostics.CodeAnalysis;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The job slot of one domain: who changes it holds the slot, others queue and are told for whom they wait.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing unless its wait handle is asked for.")]
internal sealed class DomainJobs
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _slot = new(1);
    private volatile Owner? _owner;

    /// <summary>The job that holds the slot, for messages; null when it is free.</summary>
    public string? Current => _owner is { } owner ? $"'{owner.Job}' since {owner.Since:yyyy-MM-dd HH:mm:ss}Z" : null;

    /// <summary>Waits for the slot; disposing the result gives it back.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/>, naming the job that holds it.</exception>
    public Task<IDisposable> AcquireAsync(string domain, string job, CancellationToken cancel) =>
        AcquireAsync(domain, job, WaitLimit, cancel);

    /// <summary>Waits for the slot for a given time.</summary>
    public async Task<IDisposable> AcquireAsync(string domain, string job, TimeSpan limit, CancellationToken cancel)
    {
        if (!await _slot.WaitAsync(limit, cancel).ConfigureAwait(false))
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout, $"'{job}' waited {limit.TotalSeconds} s for domain '{domain}', which is held by {Current ?? "another job"}",
                domain, "Wait for that job to end, or end it by turning the domain off.");
        }

        _owner = new Owner(job, DateTime.UtcNow);
        return new Lease(this);
    }

    private void Release()
    {
        _owner = null;
        _slot.Release();
    }

    private sealed record Owner(string Job, DateTime Since);

    private sealed class Lease(DomainJobs jobs) : IDisposable
    {
        private DomainJobs? _jobs = jobs;

        public void Dispose() => Interlocked.Exchange(ref _jobs, null)?.Release();
    }
}
