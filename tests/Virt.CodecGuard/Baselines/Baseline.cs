namespace Virt.CodecGuard.Baselines;

/// <summary>The commit that the work tree is compared with.</summary>
/// <param name="Commit">Its full name.</param>
/// <param name="Description">Its short name and its subject.</param>
internal sealed record Baseline(string Commit, string Description)
{
    /// <summary>What makes the codec.</summary>
    private static readonly string[] Sources = ["Virt.Core", "tools/Virt.Generators"];

    /// <summary>Finds it: HEAD while the work tree has changes of the codec, else the commit before HEAD.</summary>
    /// <param name="root">The repository's folder.</param>
    /// <param name="wanted">Another commit to compare with; null for none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="NoBaselineException">There is none.</exception>
    public static async Task<Baseline> FindAsync(string root, string? wanted, CancellationToken cancel)
    {
        // A tarball inside of somebody else's repository is none.
        if (!Path.Exists(Path.Combine(root, ".git")))
            throw new NoBaselineException($"{root} is no git repository");
        Git git = new(root);
        string name = wanted ?? (await git.DiffersAsync(Sources, cancel) ? "HEAD" : "HEAD~1");
        string commit = await git.FindAsync(name, cancel)
            ?? throw new NoBaselineException($"there is no commit {name}; a shallow clone needs a depth of 2 (git fetch --deepen 1)");
        return new Baseline(commit, await git.DescribeAsync(commit, cancel));
    }
}
