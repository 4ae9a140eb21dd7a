namespace Virt.Daemon.Rpc;

/// <summary>
/// A <see cref="Burst"/> for each of many users. It remembers a bounded number; those beyond share one, so that inventing names
/// gives no more.
/// </summary>
/// <param name="most">How many each has.</param>
/// <param name="span">In which time.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class Bursts(int most, TimeSpan span, TimeProvider? time = null)
{
    /// <summary>The users that have one of their own.</summary>
    public const int MostUsers = 1024;

    /// <summary>Stands for all others.</summary>
    public const string Others = "others";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Burst> _users = new(StringComparer.Ordinal);

    /// <summary>Takes one.</summary>
    /// <param name="who">Whose.</param>
    /// <param name="suppressed">How many of this user were refused in the span that has just ended; else 0.</param>
    public bool TryTake(string who, out long suppressed) => Find(who).TryTake(out suppressed);

    /// <summary>Who was refused how often and has not been told of yet.</summary>
    public IReadOnlyList<(string Who, long Count)> TakeSuppressed()
    {
        lock (_gate)
            return [.. _users.Select(user => (user.Key, user.Value.TakeSuppressed())).Where(user => user.Item2 > 0)];
    }

    private Burst Find(string who)
    {
        lock (_gate)
        {
            if (_users.TryGetValue(who, out Burst? known))
                return known;
            if (_users.Count >= MostUsers)
                MakeRoom();
            string key = _users.Count < MostUsers ? who : Others;
            if (!_users.TryGetValue(key, out known))
                _users[key] = known = new Burst(most, span, time);
            return known;
        }
    }

    private void MakeRoom()
    {
        foreach ((string who, Burst burst) in _users.ToArray())
        {
            if (burst.IsIdle)
                _users.Remove(who);
        }
    }
}
