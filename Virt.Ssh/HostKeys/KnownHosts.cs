namespace Virt.Ssh.HostKeys;

/// <summary>What known_hosts files say about a key that a host shows.</summary>
internal enum HostKeyStatus
{
    /// <summary>It is the host's.</summary>
    Known,
    /// <summary>Nothing is known about the host.</summary>
    Unknown,
    /// <summary>Other keys are known, and not this one.</summary>
    Changed,
    /// <summary>It has been revoked.</summary>
    Revoked,
}

/// <summary>The verdict about a key, and the line that it comes from.</summary>
/// <param name="Status">The verdict.</param>
/// <param name="Line">The line; null when nothing is known.</param>
internal sealed record HostKeyVerdict(HostKeyStatus Status, KnownHostsLine? Line);

/// <summary>The lines about one host, of all known_hosts files that count.</summary>
internal sealed class KnownHosts
{
    private readonly List<KnownHostsLine> _lines = [];
    private readonly List<KnownHostsLine> _bare = [];

    private KnownHosts(string name) => Name = name;

    /// <summary>The host's name in the files.</summary>
    public string Name { get; }

    /// <summary>The types of the keys that are known, in the files' order.</summary>
    public IEnumerable<string> Types =>
        _lines.Concat(_bare).Where(line => line.Mark == HostKeyMark.None).Select(line => line.Type).Distinct(StringComparer.Ordinal);

    /// <summary>Reads the files; those that are not there have no lines.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">One must not be read.</exception>
    public static KnownHosts Read(IEnumerable<string> files, string host, int port)
    {
        KnownHosts known = new(HostPattern.NameOf(host, port));
        string bare = HostPattern.NameOf(host, 22);
        foreach (KnownHostsLine line in files.Where(File.Exists).SelectMany(Lines).Where(line => line.Mark != HostKeyMark.Authority))
        {
            if (HostPattern.Matches(line.Names, known.Name))
                known._lines.Add(line);
            else if (HostPattern.Matches(line.Names, bare))
                known._bare.Add(line);
        }

        return known;
    }

    /// <summary>
    /// Judges a key. A key that is known without the port counts, as for OpenSSH's client. Other than for it, a host of whose keys
    /// any is known has no unknown keys: whoever is in between could show one of another type.
    /// </summary>
    public HostKeyVerdict Judge(byte[] key)
    {
        bool Same(KnownHostsLine line) => line.Key.AsSpan().SequenceEqual(key);
        if (_lines.Concat(_bare).FirstOrDefault(line => line.Mark == HostKeyMark.Revoked && Same(line)) is { } revoked)
            return new(HostKeyStatus.Revoked, revoked);
        KnownHostsLine[] valid = [.. _lines.Where(line => line.Mark == HostKeyMark.None)];
        if (valid.Concat(_bare.Where(line => line.Mark == HostKeyMark.None)).FirstOrDefault(Same) is { } known)
            return new(HostKeyStatus.Known, known);
        return valid.Length > 0 ? new(HostKeyStatus.Changed, valid[0]) : new(HostKeyStatus.Unknown, null);
    }

    private static IEnumerable<KnownHostsLine> Lines(string file) =>
        File.ReadLines(file).Select((text, index) => KnownHostsLine.Parse(file, index + 1, text)).OfType<KnownHostsLine>();
}
