using System.Diagnostics;
using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Engine;

/// <summary>
/// Feeds a target: first its seeds, then what mutation makes of them. An outcome that is new is taken for coverage that is new,
/// and its input is kept to go on from.
/// </summary>
internal sealed class FuzzEngine(FuzzTarget target, FuzzOptions options, Action<string>? tell = null)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    private readonly Random _random = new(options.Seed);
    private readonly FuzzCorpus _corpus = new(options.Seed);
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private long _inputs;
    private TimeSpan _slowest;
    private long _mostAllocated;
    private TimeSpan _told;

    /// <summary>Runs to the end of the count or the time. An input that hangs ends it, and keeps its thread.</summary>
    public async Task<FuzzReport> RunAsync()
    {
        await target.PrepareAsync();
        using var watch = new HangWatch(options.HangLimit);
        Task running = Task.Run(() => FeedAsync(watch));
        if (await Task.WhenAny(running, watch.Hung) == watch.Hung)
            Keep(new Finding(target.Name, "hang", $"the input did not come to an end within {options.HangLimit}", await watch.Hung));
        else
            await running;
        return new FuzzReport(
            target.Name, _inputs, _time.Elapsed, _corpus.Outcomes, _corpus.Inputs.Count, _slowest, _mostAllocated, PeakMemory(),
            [.. _findings.Values], target.Shares);
    }

    private async Task FeedAsync(HangWatch watch)
    {
        foreach (byte[] seed in target.Seeds.Concat(Stored()).ToArray())
        {
            _corpus.Add(seed);
            if (await TryAsync(seed, watch) is { } outcome)
                _corpus.Learn(seed, outcome);
        }

        while (_inputs < options.Count && _findings.Count < options.MostFindings && !(_time.Elapsed > options.Time))
        {
            byte[] input = Mutate(_corpus.Pick());
            if (await TryAsync(input, watch) is { } outcome)
                _corpus.Learn(input, outcome);
            Tell();
        }
    }

    private byte[] Mutate(byte[] input)
    {
        for (int edits = 1 + _random.Next(_random.Next(4) == 0 ? 8 : 2); edits > 0; edits--)
        {
            IMutator mutator = target.Mutators[_random.Next(target.Mutators.Count)];
            byte[] changed = mutator.Mutate(input, _corpus.Inputs, _random);
            if (changed.Length <= options.LongestInput)
                input = changed;
        }

        return input;
    }

    /// <summary>The outcome; null when it is a finding.</summary>
    private async Task<string?> TryAsync(byte[] input, HangWatch watch)
    {
        _inputs++;
        (string? outcome, Exception? error) = await RunOnceAsync(input, watch);
        if (error is null)
            return outcome;
        string signature = Finding.SignatureOf(error);
        if (!_findings.ContainsKey(signature))
        {
            byte[] smallest = await new Minimiser(async candidate =>
                (await RunOnceAsync(candidate, watch)).Error is { } same && Finding.SignatureOf(same) == signature).ReduceAsync(input);
            Keep(new Finding(target.Name, signature, error.ToString(), smallest));
        }

        return null;
    }

    private async Task<(string? Outcome, Exception? Error)> RunOnceAsync(byte[] input, HangWatch watch)
    {
        watch.Begin(input);
        long began = Stopwatch.GetTimestamp();
        try
        {
            long before = Allocated();
            ValueTask<string> running = target.RunAsync(input);
            // After an await the thread may have worked for others in between, and this may be another thread.
            bool counted = options.Alone || running.IsCompleted;
            long allocated = Allocated() - before;
            string outcome = await running;
            if (options.Alone)
                allocated = Allocated() - before;
            if (counted)
            {
                if (allocated > target.AllocationLimit(input.Length))
                    return (null, new FuzzViolation($"it allocated {allocated} bytes for an input of {input.Length}"));
                _mostAllocated = Math.Max(_mostAllocated, allocated);
            }

            return (outcome, null);
        }
        catch (Exception error)
        {
            return (null, error);
        }
        finally
        {
            watch.End();
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            if (took > _slowest)
                _slowest = took;
        }
    }

    private long Allocated() => options.Alone ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();

    private IEnumerable<byte[]> Stored()
    {
        string? folder = options.Corpus is { } root ? Path.Combine(root, target.Name) : null;
        return folder is not null && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            : [];
    }

    private void Keep(Finding finding)
    {
        _findings[finding.Signature] = finding;
        string? path = options.Findings is { } folder ? finding.Write(folder) : null;
        tell?.Invoke($"{target.Name}: FOUND {finding.Signature} ({finding.Input.Length} bytes{(path is null ? "" : $", {path}")})");
    }

    private void Tell()
    {
        if (tell is null || (_inputs & 0xff) != 0 || _time.Elapsed - _told < TellEvery)
            return;
        _told = _time.Elapsed;
        tell(FormattableString.Invariant(
            $"{target.Name}: {_inputs} inputs, {_inputs / _time.Elapsed.TotalSeconds:0}/s, {_corpus.Outcomes} outcomes, {_findings.Count} findings"));
    }

    private static long PeakMemory()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
