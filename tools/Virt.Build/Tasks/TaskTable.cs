namespace Virt.Build.Tasks;

/// <summary>The tasks by name.</summary>
internal static class TaskTable
{
    private delegate Task<int> Run(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel);

    private sealed record Entry(string Usage, string Description, Run Run);

    private static readonly Dictionary<string, Entry> Tasks = new(StringComparer.Ordinal)
    {
        ["deps"] = new("deps", "check for the Debian packages that tests and demo need; root: install them", (r, _, c) => DepsTask.RunAsync(c)),
        ["build"] = new("build", "build everything", (r, _, c) => BuildTask.RunAsync(r, c)),
        ["guest"] = new("guest", "make the test guest: out/guest", (r, _, c) => GuestTask.RunAsync(r, c)),
        ["package"] = new("package", "make module, daemon and Debian package: out/Virt, out/virtd, out/virt_*.deb", (r, _, c) => PackageTask.RunAsync(r, c)),
        ["manifest"] = new("manifest GALLERY FILE", "write the module's manifest with what a gallery is told", ManifestTask.RunAsync),
        ["deb"] = new("deb [VERSION [FOLDER]]", "make the Debian package of what is packaged: out/virt_VERSION_ARCH.deb", DebTask.RunAsync),
        ["install-test"] = new("install-test", "try the Debian package in a booted Debian; root only", InstallTestTask.RunAsync),
        ["test"] = new("test", "all of the above, then the xunit suites: out/test-results", (r, _, c) => TestTask.RunAsync(r, c)),
        ["suite"] = new("suite NAME COMMAND...", "run COMMAND as one more test suite", SuiteTask.RunAsync),
        ["skip"] = new("skip NAME COUNT", "record a suite of COUNT tests as skipped", SkipTask.RunAsync),
        ["total"] = new("total", "sum up out/test-results", (r, _, _) => Task.FromResult(TotalTask.Run(r))),
        ["fuzz"] = new("fuzz [OPTION...]", "try many bad inputs: --target --count --seconds --seed", FuzzTask.FuzzAsync),
        ["load"] = new("load [OPTION...]", "good and hostile clients on virtd: --clients --busy --hostile --seconds", FuzzTask.LoadAsync),
        ["demo"] = new("demo", "package, then let virtd boot real guests", (r, _, c) => DemoTask.RunAsync(r, c)),
        ["chaos"] = new("chaos [--rounds N ...]", "package, then kill virtd at random moments of work on real guests", ChaosTask.RunAsync),
        ["bench"] = new("bench [OPTION...]", "measure beside libvirt and QEMU alone: docs/performance.md; --domains", BenchTask.RunAsync),
        ["micro"] = new("micro [OPTION...]", "micro-benchmarks of codec and dispatch, with BenchmarkDotNet's options", CodecTask.MicroAsync),
        ["bench-codec"] = new("bench-codec [OPTION...]", "compare the codec with that of the commit before: --against COMMIT", CodecTask.GuardAsync),
        ["clean"] = new("clean", "remove all that was built", (r, _, _) => Task.FromResult(CleanTask.Run(r))),
    };

    public static Task<int> RunAsync(Repository repository, IReadOnlyList<string> args, CancellationToken cancel)
    {
        if (args.Count > 0 && Tasks.TryGetValue(args[0], out Entry? task))
            return task.Run(repository, [.. args.Skip(1)], cancel);
        TextWriter to = args is ["help" or "-h" or "--help"] ? Console.Out : Console.Error;
        to.WriteLine("usage: dotnet run --project tools/Virt.Build -- TASK");
        foreach (Entry entry in Tasks.Values)
            to.WriteLine($"  {entry.Usage,-24} {entry.Description}");
        return Task.FromResult(to == Console.Out ? ExitCode.Good : ExitCode.Usage);
    }
}
