using System.Diagnostics;
using Virt.CodecGuard;
using Virt.CodecGuard.Baselines;

namespace Virt.Tests.Core.Speed;

public sealed class BaselineTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("virt-guard-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_that_is_no_repository_has_none()
    {
        var none = await Assert.ThrowsAsync<NoBaselineException>(() => Baseline.FindAsync(_root, null, Cancel));
        Assert.Contains("no git repository", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_commit_has_none_before_it()
    {
        await CommitAsync("first", ("Virt.Core/A.cs", "1"));
        var none = await Assert.ThrowsAsync<NoBaselineException>(() => Baseline.FindAsync(_root, null, Cancel));
        Assert.Contains("HEAD~1", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unchanged_the_codec_is_compared_with_the_commit_before()
    {
        await CommitAsync("first", ("Virt.Core/A.cs", "1"));
        await CommitAsync("second", ("Virt.Core/A.cs", "2"));
        await WriteAsync("docs/other.md", "not committed, and none of the codec's");
        Assert.EndsWith(" first", (await Baseline.FindAsync(_root, null, Cancel)).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Virt.Core/A.cs")]
    [InlineData("Virt.Core/New.cs")]
    [InlineData("tools/Virt.Generators/Emit.cs")]
    public async Task Changed_it_is_compared_with_the_last_commit(string file)
    {
        await CommitAsync("first", ("Virt.Core/A.cs", "1"));
        await CommitAsync("second", ("Virt.Core/A.cs", "2"));
        await WriteAsync(file, "3");
        Assert.EndsWith(" second", (await Baseline.FindAsync(_root, null, Cancel)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_commit_can_be_asked_for_and_is_exported_as_it_was()
    {
        await CommitAsync("first", ("Virt.Core/A.cs", "1"));
        await CommitAsync("second", ("Virt.Core/A.cs", "2"));
        Baseline baseline = await Baseline.FindAsync(_root, "HEAD~1", Cancel);
        string folder = Directory.CreateDirectory(Path.Combine(_root, "export")).FullName;
        await new Git(_root).ExportAsync(baseline.Commit, folder, Cancel);
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(folder, "Virt.Core", "A.cs"), Cancel));
        await Assert.ThrowsAsync<NoBaselineException>(() => Baseline.FindAsync(_root, "nothing-of-that-name", Cancel));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private async Task CommitAsync(string subject, params (string File, string Text)[] files)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/git"), "git is not on this machine");
        foreach ((string file, string text) in files)
            await WriteAsync(file, text);
        await GitAsync("init", "--quiet");
        await GitAsync("add", "--all");
        await GitAsync("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", subject);
    }

    private async Task WriteAsync(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, Cancel);
    }

    private async Task GitAsync(params string[] arguments)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["-C", _root, .. arguments]))!;
        await git.WaitForExitAsync(Cancel);
        Assert.Equal(0, git.ExitCode);
    }
}
