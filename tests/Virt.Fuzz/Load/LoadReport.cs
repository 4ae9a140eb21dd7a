namespace Virt.Fuzz.Load;

/// <summary>The calls of a phase.</summary>
internal sealed record LoadPhase(string Name, int Calls, TimeSpan Median, TimeSpan Most, TimeSpan Longest, IReadOnlyList<string> Failures)
{
    /// <summary>Sums up the clients.</summary>
    public static LoadPhase Of(string name, IReadOnlyList<GoodClient> clients)
    {
        TimeSpan[] sorted = [.. clients.SelectMany(client => client.Latencies).Order()];
        return new LoadPhase(
            name, sorted.Length, At(0.5), At(0.99), sorted.LastOrDefault(), [.. clients.SelectMany(client => client.Failures)]);

        TimeSpan At(double part) => sorted.Length == 0 ? TimeSpan.Zero : sorted[(int)(part * (sorted.Length - 1))];
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {Calls} calls, median {Median.TotalMilliseconds:0.#} ms, 99% within {Most.TotalMilliseconds:0.#} ms, longest {Longest.TotalMilliseconds:0.#} ms, {Failures.Count} failures");
}

/// <summary>What a load run has measured.</summary>
internal sealed record LoadReport(
    LoadPhase Alone, LoadPhase Attacked, int HostileConnections, long MemoryBefore, long MemoryPeak, long MemoryAfter, int DescriptorsBefore,
    int DescriptorsAfter, long Lines, long Connections, IReadOnlyDictionary<string, int> Ends)
{
    /// <summary>What does not hold; empty when all does.</summary>
    public IReadOnlyList<string> Broken(LoadOptions options)
    {
        List<string> broken = [.. Alone.Failures.Concat(Attacked.Failures).Distinct().Take(10).Select(failure => $"a good client's call failed: {failure}")];
        if (Attacked.Calls == 0)
            broken.Add("no call of a good client was answered under attack");
        if (MemoryAfter > MemoryBefore + options.MemoryBound)
            broken.Add($"memory did not come back: {MemoryBefore >> 20} MiB before, {MemoryAfter >> 20} MiB after");
        if (DescriptorsAfter > DescriptorsBefore)
            broken.Add($"descriptors did not come back: {DescriptorsBefore} before, {DescriptorsAfter} after");
        if (Lines > 1000 + options.LinesPerConnection * Connections)
            broken.Add($"{Lines} log lines for {Connections} connections");
        return broken;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"""
        {Alone}
        {Attacked}
        hostile connections: {HostileConnections}
        memory: {MemoryBefore >> 20} MiB before, {MemoryPeak >> 20} MiB at most, {MemoryAfter >> 20} MiB after
        descriptors: {DescriptorsBefore} before, {DescriptorsAfter} after
        log: {Lines} lines for {Connections} connections
        connections ended: {string.Join("; ", Ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}"))}
        """;
}
