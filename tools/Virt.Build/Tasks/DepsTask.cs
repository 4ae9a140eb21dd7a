namespace Virt.Build.Tasks;

/// <summary>Sees to the Debian packages that a task needs: root gets them installed, others are told how to.</summary>
internal static class DepsTask
{
    private static readonly Dictionary<string, string> Quiet = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };

    /// <summary>Those of tests and demo.</summary>
    public static Task<int> RunAsync(CancellationToken cancel) => RunAsync(DebianPackage.Needed, cancel);

    /// <summary>Those of a list.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<DebianPackage> needed, CancellationToken cancel)
    {
        List<DebianPackage> candidates = [.. needed.Where(package => !package.CommandIsThere)];
        if (candidates.Count == 0)
            return ExitCode.Good;
        if (!IsDebian)
            return RequireOnPath(candidates);
        IReadOnlyList<DebianPackage> missing = await MissingAsync(candidates, cancel).ConfigureAwait(false);
        if (missing.Count == 0)
            return ExitCode.Good;
        if (!Environment.IsPrivilegedProcess)
            throw Missing(missing, $"Run: sudo apt-get install --no-install-recommends {Names(missing)}");

        Log.Step($"installing {Names(missing)}");
        // A list that cannot be renewed, for instance because another apt holds its lock, may still be good enough.
        int? updated = await ChildProcess.RunAsync("apt-get", ["-q", "update"], cancel, Quiet).ConfigureAwait(false);
        if (updated != 0)
            Log.Warning("apt-get update failed; trying with the package lists that are there.");
        await ChildProcess.RunAsync(
            "apt-get",
            [
                "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "install", "--no-install-recommends",
                .. missing.Select(package => package.Name),
            ],
            cancel, Quiet).ConfigureAwait(false);
        missing = await MissingAsync(missing, cancel).ConfigureAwait(false);
        return missing.Count == 0 ? ExitCode.Good : throw Missing(missing, "apt-get could not install them; its output above says why.");
    }

    private static bool IsDebian => File.Exists("/usr/bin/dpkg-query");

    private static async Task<IReadOnlyList<DebianPackage>> MissingAsync(IReadOnlyList<DebianPackage> packages, CancellationToken cancel)
    {
        string output = await ChildProcess.ReadAsync(
            "dpkg-query", ["-W", "-f=${db:Status-Status} ${Package}\n", .. packages.Select(package => package.Name)], cancel).ConfigureAwait(false);
        HashSet<string> installed =
            [.. output.Split('\n').Where(line => line.StartsWith("installed ", StringComparison.Ordinal)).Select(line => line["installed ".Length..])];
        return [.. packages.Where(package => !installed.Contains(package.Name))];
    }

    // Without dpkg only what has a program can be looked for; the rest shows in its test.
    private static int RequireOnPath(IReadOnlyList<DebianPackage> packages)
    {
        IReadOnlyList<DebianPackage> missing = [.. packages.Where(package => package.Command is not null)];
        return missing.Count == 0
            ? ExitCode.Good
            : throw Missing(missing, "This is no Debian or Ubuntu: install what your distribution has in their place.");
    }

    private static BuildException Missing(IReadOnlyList<DebianPackage> packages, string action) => new(
        "these packages are needed and missing:\n"
        + string.Concat(packages.Select(package => $"  {package.Name,-18} {package.Purpose}\n")) + action);

    private static string Names(IEnumerable<DebianPackage> packages) => string.Join(' ', packages.Select(package => package.Name));
}
