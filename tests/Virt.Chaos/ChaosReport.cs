using System.Globalization;
using System.Text;

namespace Virt.Chaos;

/// <summary>The figures of a run.</summary>
internal sealed class ChaosReport
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Answered, int Lost)> _calls = [];
    private readonly List<string> _violations = [];
    private readonly List<string> _qemuFaults = [];
    private readonly List<TimeSpan> _restarts = [];

    /// <summary>The seed that was used.</summary>
    public required int Seed { get; init; }

    /// <summary>How often virtd was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>What was not as promised.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
                return [.. _violations];
        }
    }

    /// <summary>Counts a call by its outcome.</summary>
    public void Count(string operation, bool lost)
    {
        lock (_lock)
        {
            (int answered, int cut) = _calls.GetValueOrDefault(operation);
            _calls[operation] = lost ? (answered, cut + 1) : (answered + 1, cut);
        }
    }

    /// <summary>Notes a kill and how long the next daemon took to be ready.</summary>
    public void AddRestart(TimeSpan time)
    {
        Kills++;
        _restarts.Add(time);
    }

    /// <summary>Notes that QEMU failed by itself.</summary>
    public void CountQemuFault(string message)
    {
        lock (_lock)
            _qemuFaults.Add(message);
    }

    /// <summary>Notes what was not as promised.</summary>
    public void Violate(string what)
    {
        lock (_lock)
            _violations.Add(what);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {Seed}: {Kills} kills");
        if (_restarts.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $", ready again after {_restarts.Average(time => time.TotalSeconds):0.0} s on average, {_restarts.Max().TotalSeconds:0.0} s at most");
        text.AppendLine();
        foreach ((string operation, (int answered, int lost)) in _calls.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"  {operation,-16} {answered,6} answered  {lost,5} cut off by the kill");
        text.Append(CultureInfo.InvariantCulture, $"{_calls.Values.Sum(count => count.Answered + count.Lost)} calls, {_violations.Count} violations");
        foreach (string fault in _qemuFaults)
            text.AppendLine().Append("  QEMU's own: ").Append(fault);
        foreach (string violation in _violations)
            text.AppendLine().Append("  ").Append(violation);
        return text.ToString();
    }
}
