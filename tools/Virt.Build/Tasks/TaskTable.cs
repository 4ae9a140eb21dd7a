namespace Virt.Build.Tasks;

/// <summary>The tasks by name.</summary>
internal static class TaskTable
{
    private delegate Task<int> Run(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel);

    private sealed record Entry(string Usage, string Description, Run Run);

    private static readonly Dictionary<string, Entry> Tasks = new(StringComparer.Ordinal)
    {
        ["demo"] = new("demo [--without-pwsh]", "boot three real guests, suspend, resume and shut them down", DemoTask.RunAsync),
        ["test"] = new("test [--only NAME] [--pester VERSION] [--without-pwsh]", "build everything and run all tests, or those with NAME in their names; the last line is the total", TestTask.RunAsync),
        ["check"] = new("check", "build what changed and run the tests that need no QEMU", (r, _, c) => CheckTask.RunAsync(r, c)),
        ["coverage"] = new("coverage", "the lines and branches of Virt that those tests reach: out/coverage", (r, _, c) => CoverageTask.RunAsync(r, c)),
        ["build"] = new("build", "build everything", (r, _, c) => BuildTask.RunAsync(r, c)),
        ["package"] = new("package", "make the module, the daemon and the Debian package of both: out/Virt, out/virtd, out/virt_*.deb", (r, _, c) => PackageTask.RunAsync(r, c)),
        ["install-test"] = new("install-test", "install, restart, upgrade and remove the Debian package in a Debian booted for it; root only", InstallTestTask.RunAsync),
        ["host-test"] = new("host-test [--only NAME]", "tests in a Debian that runs in a machine of its own: the service, its units, guests under it; root only", HostTestTask.RunAsync),
        ["fuzz"] = new("fuzz [OPTION...]", "try many bad inputs: --target NAME --count N --seconds S --seed K", FuzzTask.FuzzAsync),
        ["load"] = new("load [OPTION...]", "good and hostile clients on a packaged virtd: --clients N --busy N --hostile N --seconds S", FuzzTask.LoadAsync),
        ["chaos"] = new("chaos [OPTION...]", "kill a packaged virtd at random moments of work: --rounds N --seed K --guests N", ChaosTask.RunAsync),
        ["bench"] = new("bench [OPTION...]", "the same work on virtd, libvirtd and QEMU alone: docs/performance.md; --domains N", BenchTask.RunAsync),
        ["micro"] = new("micro [OPTION...]", "micro-benchmarks of codec and dispatch, with BenchmarkDotNet's options", CodecTask.MicroAsync),
        ["bench-codec"] = new("bench-codec [OPTION...]", "compare the codec's speed with that of the commit before: --against COMMIT", CodecTask.GuardAsync),
        ["deps"] = new("deps", "look for the Debian packages that tests and demo need; root: install them", (r, _, c) => DepsTask.RunAsync(c)),
        ["guest"] = new("guest", "make the test guest: out/guest", (r, _, c) => GuestTask.RunAsync(r, c)),
        ["host"] = new("host", "make the test host: out/host; root only", (r, _, c) => HostTask.RunAsync(r, c)),
        ["manifest"] = new("manifest GALLERY FILE", "write the module's manifest with what a gallery is told", ManifestTask.RunAsync),
        ["deb"] = new("deb [VERSION [FOLDER]]", "make the Debian package of what is packaged: out/virt_VERSION_ARCH.deb", DebTask.RunAsync),
        ["clean"] = new("clean", "remove all that was built", (r, _, _) => Task.FromResult(CleanTask.Run(r))),
    };

    public static Task<int> RunAsync(Repository repository, IReadOnlyList<string> args, CancellationToken cancel)
    {
        if (args.Count > 0 && Tasks.TryGetValue(args[0], out Entry? task))
            return task.Run(repository, [.. args.Skip(1)], cancel);
        TextWriter to = args is ["help" or "-h" or "--help"] ? Console.Out : Console.Error;
        to.WriteLine("usage: ./build.sh TASK [OPTION...], or in PowerShell ./build.ps1 TASK [OPTION...]");
        foreach (Entry entry in Tasks.Values)
        {
            to.WriteLine($"  {entry.Usage}");
            to.WriteLine($"      {entry.Description}");
        }

        return Task.FromResult(to == Console.Out ? ExitCode.Good : ExitCode.Usage);
    }
}
