namespace Virt.Fuzz.Engine;

/// <summary>The inputs that new ones are made of: the seeds, and what had an outcome that none before it had.</summary>
internal sealed class FuzzCorpus(int seed)
{
    private const int MostKept = 8192;

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _inputs = [];
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);

    public IReadOnlyList<byte[]> Inputs => _inputs;

    public int Outcomes => _outcomes.Count;

    public void Add(byte[] input)
    {
        if (_inputs.Count < MostKept)
            _inputs.Add(input);
    }

    /// <summary>Keeps the input when its outcome is new.</summary>
    public void Learn(byte[] input, string outcome)
    {
        if (_outcomes.Count < MostKept && _outcomes.Add(outcome))
            Add(input);
    }

    /// <summary>One of them; half of the time one of the newest.</summary>
    public byte[] Pick()
    {
        int count = _inputs.Count;
        int newest = Math.Min(count, 64);
        return _inputs[_random.Next(2) == 0 ? count - 1 - _random.Next(newest) : _random.Next(count)];
    }
}
