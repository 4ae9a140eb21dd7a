namespace Virt.Bench;

/// <summary>The same measured several times.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    /// <summary>How many there are.</summary>
    public int Count => _values.Count;

    /// <summary>The one in the middle: half took as long or less.</summary>
    /// <exception cref="BenchException">There is none.</exception>
    public double Median => _values.Count > 0 ? _values.Order().ElementAt(_values.Count / 2) : throw new BenchException("nothing was measured.");

    /// <summary>Adds some.</summary>
    public void Add(params IEnumerable<double> values) => _values.AddRange(values);
}
