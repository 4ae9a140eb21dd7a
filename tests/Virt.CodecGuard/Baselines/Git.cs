using System.Formats.Tar;

namespace Virt.CodecGuard.Baselines;

/// <summary>What git knows of a work tree; nothing in it is changed.</summary>
internal sealed class Git(string root)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Whether files under these paths are other than in HEAD, new ones included.</summary>
    /// <exception cref="NoBaselineException">git cannot tell.</exception>
    public async Task<bool> DiffersAsync(IEnumerable<string> paths, CancellationToken cancel) =>
        (await RequireAsync(["status", "--porcelain", "--untracked-files=normal", "--", .. paths], cancel)).Length > 0;

    /// <summary>The full name of a commit; null when there is none of that name.</summary>
    public async Task<string?> FindAsync(string name, CancellationToken cancel)
    {
        (int exit, string output, _) = await RunAsync(["rev-parse", "--verify", "--quiet", name + "^{commit}"], cancel);
        return exit == 0 ? output : null;
    }

    /// <summary>A commit's short name and its subject.</summary>
    public Task<string> DescribeAsync(string commit, CancellationToken cancel) =>
        RequireAsync(["log", "-1", "--format=%h %s", commit], cancel);

    /// <summary>Writes a commit's files into a folder.</summary>
    public async Task ExportAsync(string commit, string folder, CancellationToken cancel)
    {
        (int exit, string errors) = await Tool.RunAsync(
            "git", ["-C", root, "archive", "--format=tar", commit],
            (tar, token) => TarFile.ExtractToDirectoryAsync(tar, folder, overwriteFiles: false, token), Limit, cancel);
        if (exit != 0)
            throw new NoBaselineException($"git cannot export {commit}: {errors}");
    }

    private async Task<string> RequireAsync(IEnumerable<string> arguments, CancellationToken cancel)
    {
        (int exit, string output, string errors) = await RunAsync(arguments, cancel);
        return exit == 0 ? output : throw new NoBaselineException($"git does not know this folder: {errors}");
    }

    private Task<(int Exit, string Output, string Errors)> RunAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        Tool.ReadAsync("git", ["-C", root, .. arguments], Limit, cancel);
}
