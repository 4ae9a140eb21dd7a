namespace Virt.CodecGuard.Measuring;

/// <summary>
/// Lets two codecs do equal work side by side: several pairs of processes, in each of them slices of both in turn, so that
/// whatever else goes on meets both alike.
/// </summary>
/// <param name="before">The program with the codec before.</param>
/// <param name="now">The program with the codec of the work tree.</param>
internal sealed class Match(string before, string now)
{
    private const long SliceNanoseconds = 8_000_000;
    private const int MostRuns = 1_000_000;

    /// <summary>Compares.</summary>
    /// <param name="workloads">What is done.</param>
    /// <param name="pairs">How many pairs of processes do it.</param>
    /// <param name="slices">How many slices each process does.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task<IReadOnlyList<Comparison>> PlayAsync(
        IReadOnlyList<(string Name, int Operations)> workloads, int pairs, int slices, CancellationToken cancel)
    {
        Dictionary<string, int> runs = new(StringComparer.Ordinal);
        Dictionary<string, List<(Sample, Sample)>> samples = workloads.ToDictionary(workload => workload.Name, _ => new List<(Sample, Sample)>());
        for (int pair = 0; pair < pairs; pair++)
        {
            using Worker old = new(before), current = new(now);
            foreach ((string name, _) in workloads)
            {
                if (!runs.TryGetValue(name, out int count))
                    runs.Add(name, count = await CalibrateAsync(old, name, cancel));
                samples[name].Add(await CompareAsync(old, current, name, count, slices, cancel));
            }
        }

        return [.. workloads.Select(workload => new Comparison(workload.Name, (long)workload.Operations * runs[workload.Name], samples[workload.Name]))];
    }

    private static async Task<(Sample Before, Sample Now)> CompareAsync(
        Worker old, Worker current, string workload, int runs, int slices, CancellationToken cancel)
    {
        // The first slice of each compiles and fills the caches.
        await old.RunAsync(workload, runs, cancel);
        await current.RunAsync(workload, runs, cancel);
        List<Sample> before = [], now = [];
        for (int slice = 0; slice < slices; slice++)
        {
            before.Add(await old.RunAsync(workload, runs, cancel));
            now.Add(await current.RunAsync(workload, runs, cancel));
        }

        return (Sample.Least(before), Sample.Least(now));
    }

    /// <summary>How many runs make a slice; the same number for both codecs from now on.</summary>
    private static async Task<int> CalibrateAsync(Worker worker, string workload, CancellationToken cancel)
    {
        await worker.RunAsync(workload, 1, cancel);
        for (int runs = 1; ; runs *= 4)
        {
            long taken = (await worker.RunAsync(workload, runs, cancel)).Nanoseconds;
            if (taken > SliceNanoseconds / 8 || runs >= MostRuns)
                return (int)Math.Clamp(runs * SliceNanoseconds / Math.Max(1, taken), 1, MostRuns);
        }
    }
}
