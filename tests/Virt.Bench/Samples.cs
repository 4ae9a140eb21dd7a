namespace Virt.Bench;

/// <summary>The same measured several times.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    /// <summary>How many there are.</summary>
    public int Count => _values.Count;

    /// <summary>The one in the middle: half took as long or less.</summary>
    public double Median => At(0.5);

    /// <summary>The least.</summary>
    public double Least => _values.Min();

    /// <summary>The most.</summary>
    public double Most => _values.Max();

    /// <summary>Adds some.</summary>
    public void Add(params IEnumerable<double> values) => _values.AddRange(values);

    private double At(double share)
    {
        if (_values.Count == 0)
            throw new BenchException("nothing was measured.");
        List<double> sorted = [.. _values.Order()];
        return sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)];
    }
}
