namespace Virt.Build;

/// <summary>Where things are in this repository.</summary>
internal sealed record Repository(string Root)
{
    /// <summary>What is built and tested is what is delivered.</summary>
    public const string Configuration = "Release";

    public string Solution => Path.Combine(Root, "Virt.sln");

    public string Out => Path.Combine(Root, "out");

    /// <summary>Kernel and initramfs of the test guest.</summary>
    public string Guest => Path.Combine(Out, "guest");

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

    /// <summary>The inputs that fuzzing starts from: a folder for each target.</summary>
    public string FuzzCorpus => Path.Combine(Root, "tests", "fuzz-corpus");

    /// <summary>Inputs that found something.</summary>
    public string FuzzFindings => Path.Combine(Out, "fuzz");

    public string PesterTests => Path.Combine(Root, "tests", "pester");

    /// <summary>The names of the xunit projects, which are those of their executables.</summary>
    public IReadOnlyList<string> TestProjects =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.Tests.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
    ];

    public bool HasPesterTests =>
        Directory.Exists(PesterTests) && Directory.EnumerateFiles(PesterTests, "*.Tests.ps1", SearchOption.AllDirectories).Any();

    /// <summary>What the tests look for in their environment.</summary>
    public IReadOnlyDictionary<string, string> TestEnvironment => new Dictionary<string, string>
    {
        ["VIRT_GUEST_DIR"] = Guest,
        ["VIRT_DAEMON"] = Daemon,
        ["VIRT_DEB"] = new Debian.DebianArchive(this, Debian.DebianArchive.ManifestVersion(this)).FilePath,
        ["VIRT_MODULE"] = Path.Combine(Module, "Virt.psd1"),
        // Messages and number formats that the tests compare are English ones.
        ["LANG"] = "en_US.UTF-8",
    };

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
