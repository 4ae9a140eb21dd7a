namespace Virt.CodecGuard.Baselines;

/// <summary>The codec of another commit under the workloads of today, built in a temporary folder.</summary>
internal sealed class PreviousCodec : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // The workloads use what is internal, also of a library that knew nothing of them yet.
    private const string Friend = """
        <Project>
          <ItemGroup Condition="'$(MSBuildProjectName)' == 'Virt.Core'">
            <InternalsVisibleTo Remove="Virt.Work" />
            <InternalsVisibleTo Include="Virt.Work" />
          </ItemGroup>
        </Project>
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("virt-codec-").FullName;

    private PreviousCodec()
    {
    }

    /// <summary>The program that does the work.</summary>
    public string Program => WorkProgram(_folder);

    /// <summary>The program that does the work, of a tree that is built.</summary>
    public static string WorkProgram(string root) => Path.Combine(WorkFolder(root), "bin", "Release", "net10.0", "Virt.Work.dll");

    /// <summary>Exports and builds it.</summary>
    /// <exception cref="NoBaselineException">It cannot be built: what the workloads use was not there yet, or was different.</exception>
    public static async Task<PreviousCodec> BuildAsync(string root, Baseline baseline, CancellationToken cancel)
    {
        PreviousCodec codec = new();
        try
        {
            await new Git(root).ExportAsync(baseline.Commit, codec._folder, cancel);
            Overlay(WorkFolder(root), WorkFolder(codec._folder));
            await codec.BuildAsync(cancel);
            return codec;
        }
        catch
        {
            codec.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string WorkFolder(string root) => Path.Combine(root, "tests", "Virt.Work");

    private static void Overlay(string source, string target)
    {
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(source, file);
            if (name.Split(Path.DirectorySeparatorChar)[0] is "bin" or "obj")
                continue;
            string copy = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task BuildAsync(CancellationToken cancel)
    {
        string friend = Path.Combine(_folder, "friend.targets");
        await File.WriteAllTextAsync(friend, Friend, cancel);
        (int exit, string output, _) = await Tool.ReadAsync(
            "dotnet",
            [
                "build", WorkFolder(_folder), "-c", "Release", "--nologo", "-v", "quiet", "-clp:NoSummary",
                $"-p:CustomAfterMicrosoftCommonTargets={friend}", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false",
            ],
            Limit, cancel);
        if (exit != 0)
            throw new NoBaselineException($"the codec of that commit cannot be built under the workloads of today:{Environment.NewLine}{output}");
    }
}
