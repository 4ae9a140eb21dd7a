using Virt.Connections;
using Virt.Errors;

namespace Virt.Chaos;

/// <summary>Works on one domain, one call after another, until its daemon is killed under it.</summary>
/// <param name="operations">What it may do.</param>
/// <param name="random">Chooses.</param>
/// <param name="report">Takes the figures.</param>
internal sealed class Worker(Operations operations, Random random, ChaosReport report)
{
    // Longer than any of virtd's own limits for these calls.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(4);

    private GuestModel[] _possible = [new GuestModel(Guid.NewGuid())];

    /// <summary>How the domain may be; exactly one way unless a reply was lost.</summary>
    public IReadOnlyList<GuestModel> Possible => _possible;

    /// <summary>The call whose reply was lost; null when none was.</summary>
    public Operation? Cut { get; private set; }

    /// <summary>Takes what has turned out to be.</summary>
    public void Settle(GuestModel guest) => (_possible, Cut) = ([guest.IsDefined ? guest : new GuestModel(Guid.NewGuid())], null);

    /// <summary>Works until a call fails after the kill.</summary>
    public async Task RunAsync(VirtConnection connection, Func<bool> isKilled, CancellationToken cancel)
    {
        while (!isKilled())
        {
            GuestModel before = _possible[0];
            Operation operation = operations.Choose(before, random);
            GuestModel after = operation.Apply(before);
            try
            {
                await operation.RunAsync(connection.Hypervisor, before, after, cancel).AsTask().WaitAsync(AnswerLimit, cancel).ConfigureAwait(false);
                _possible = [after];
                report.Count(operation.Name, lost: false);
            }
            catch (VirtException) when (isKilled())
            {
                report.Count(operation.Name, lost: true);
                (_possible, Cut) = ([before, after], operation);
                return;
            }
            catch (VirtException failed) when (failed.Message.Contains("qemu-system", StringComparison.Ordinal) && failed.Message.Contains("Assertion", StringComparison.Ordinal))
            {
                // QEMU's own fault. A guest that has begun to run must not be restored once more: the disks may have changed.
                report.CountQemuFault(failed.Message);
                (_possible, Cut) = ([before, before with { Power = Power.Off, Saved = false, SavedPaused = false, Plugged = false }], operation);
                return;
            }
            catch (Exception failed) when (failed is VirtException or TimeoutException)
            {
                report.Violate($"{operation.Name} of {before}: {failed.Message}");
                (_possible, Cut) = ([before, after], operation);
                return;
            }
        }
    }
}
