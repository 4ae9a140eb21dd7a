namespace Virt.PowerShell;

/// <summary>
/// Waits for asynchronous work where PowerShell offers nothing but a synchronous call: methods of objects and completers.
/// </summary>
internal static class Blocking
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static void Run(Func<CancellationToken, Task> work) =>
        Run<object?>(async cancel =>
        {
            await work(cancel).ConfigureAwait(false);
            return null;
        });

    public static T Run<T>(Func<CancellationToken, Task<T>> work, TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? Limit);
        // On the thread pool, so that nothing waits for the thread that waits here.
        return Task.Run(() => work(timeout.Token).WaitAsync(timeout.Token), timeout.Token).GetAwaiter().GetResult();
    }
}
