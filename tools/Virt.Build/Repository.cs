namespace Virt.Build;

/// <summary>Where things are in this repository.</summary>
internal sealed record Repository(string Root)
{
    /// <summary>What is built and tested is what is delivered.</summary>
    public const string Configuration = "Release";

    public string Solution => Path.Combine(Root, "Virt.sln");

    public string Out => Path.Combine(Root, "out");

    /// <summary>Programs that the build brought for its own use.</summary>
    public string Tools => Path.Combine(Out, "tools");

    /// <summary>Kernel and initramfs of the test guest.</summary>
    public string Guest => Path.Combine(Out, "guest");

    /// <summary>Disk, saved memory and keys of the test host.</summary>
    public string TestHost => Path.Combine(Out, "host");

    /// <summary>The importable module folder.</summary>
    public string Module => Path.Combine(Out, "Virt");

    /// <summary>The same module as the Debian package has it: compiled ahead for this machine.</summary>
    public string DebianModule => Path.Combine(Out, "debian", "Virt");

    /// <summary>What a gallery is told about the module.</summary>
    public string Gallery => Path.Combine(Root, "packaging", "gallery.json");

    public string DaemonFolder => Path.Combine(Out, "virtd");

    public string Daemon => Path.Combine(DaemonFolder, "virtd");

    /// <summary>One file of results for each test suite.</summary>
    public string Results => Path.Combine(Out, "test-results");

    /// <summary>What each test suite printed.</summary>
    public string TestLogs => Path.Combine(Out, "test-logs");

    /// <summary>The inputs that fuzzing starts from: a folder for each target.</summary>
    public string FuzzCorpus => Path.Combine(Root, "tests", "fuzz-corpus");

    /// <summary>Inputs that found something.</summary>
    public string FuzzFindings => Path.Combine(Out, "fuzz");

    public string PesterTests => Path.Combine(Root, "tests", "pester");

    public string DaemonProject => Path.Combine(Root, "Virt.Daemon", "Virt.Daemon.csproj");

    /// <summary>The solution filter of <see cref="FastTestProjects"/>.</summary>
    public string FastRing => Path.Combine(Root, "tests", "Fast.slnf");

    /// <summary>The xunit projects whose tests need no QEMU, no packages and no root.</summary>
    public IReadOnlyList<string> FastTestProjects { get; } = ["Virt.Core.Tests", "Virt.Daemon.Tests", "Virt.PowerShell.Tests"];

    /// <summary>The xunit project of the real daemon with real guests.</summary>
    public const string RealDaemonTests = "Virt.RealDaemon.Tests";

    /// <summary>The xunit project of the tests in the test host, which run as a task of their own.</summary>
    public const string HostTests = "Virt.Host.Tests";

    /// <summary>The names of the xunit projects that the task test runs, which are those of their executables; the fast ones first.</summary>
    public IReadOnlyList<string> TestProjects =>
    [
        .. FastTestProjects,
        .. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.Tests.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetFileNameWithoutExtension(file)).Except([.. FastTestProjects, HostTests], StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>What the tests look for in their environment: what was packaged.</summary>
    public IReadOnlyDictionary<string, string> TestEnvironment => new Dictionary<string, string>(QuickTestEnvironment)
    {
        ["VIRT_DAEMON"] = Daemon,
        ["VIRT_DEB"] = new Debian.DebianArchive(this, Debian.DebianArchive.ManifestVersion(this)).FilePath,
    };

    /// <summary>The same with a daemon that was only built, which takes seconds.</summary>
    public IReadOnlyDictionary<string, string> QuickTestEnvironment => new Dictionary<string, string>
    {
        ["VIRT_GUEST_DIR"] = Guest,
        ["VIRT_DAEMON"] = Path.Combine(Root, "Virt.Daemon", "bin", Configuration, "net10.0", "virtd"),
        ["VIRT_MODULE"] = Path.Combine(Module, "Virt.psd1"),
        // Messages and number formats that the tests compare are English ones.
        ["LANG"] = "en_US.UTF-8",
    };

    /// <summary>The project file of a test project.</summary>
    public string TestProject(string name) => Path.Combine(Root, "tests", name, name + ".csproj");

    /// <summary>What <c>dotnet</c> runs of a test project that is built.</summary>
    public string TestProgram(string name) => Path.Combine(Root, "tests", name, "bin", Configuration, "net10.0", name + ".dll");

    /// <summary>The source files in a test project's folder.</summary>
    public IEnumerable<string> SourcesOf(string project)
    {
        string folder = Path.Combine(Root, "tests", project);
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(folder, file).Split('/')[0] is not ("bin" or "obj"));
    }

    /// <summary>The repository that this program was built in.</summary>
    public static Repository Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Virt.sln")))
                return new Repository(folder.FullName);
        }

        throw new BuildException($"no folder above {AppContext.BaseDirectory} has a Virt.sln; run this program from the repository.");
    }
}
