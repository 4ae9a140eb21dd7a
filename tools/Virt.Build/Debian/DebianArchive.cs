using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Virt.Build.Debian;

/// <summary>Makes the Debian package: virtd, the module, units, user and folders.</summary>
/// <param name="repository">Where its parts are.</param>
/// <param name="version">The package's version.</param>
internal sealed partial class DebianArchive(Repository repository, string version)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _packaging = Path.Combine(repository.Root, "packaging");

    /// <summary>The package's file.</summary>
    public string FilePath => Path.Combine(repository.Out, $"virt_{version}_{Architecture}.deb");

    /// <summary>What Debian calls this machine's kind.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>The version in the module's manifest.</summary>
    public static string ManifestVersion(Repository repository)
    {
        Match match = Manifest().Match(File.ReadAllText(Path.Combine(repository.Root, "Virt.psd1")));
        return match.Success ? match.Groups[1].Value : throw new BuildException("Virt.psd1 has no ModuleVersion.");
    }

    /// <summary>Makes it from what is built and from the published daemon.</summary>
    public async Task MakeAsync(string daemon, string work, CancellationToken cancel)
    {
        var tree = new PackageTree(work);
        AddDaemon(tree, daemon);
        tree.AddAll("usr/share/virt/Modules/Virt", repository.DebianModule, static _ => false);
        AddConfiguration(tree);
        AddDocumentation(tree);
        AddControl(tree, GlibcOf(Path.Combine(daemon, "virtd")));
        string fresh = FilePath + ".new";
        await ChildProcess.RequireAsync(
            "dpkg-deb", ["--root-owner-group", "--threads-max=2", "-Zxz", "-z3", "--build", work, fresh], cancel).ConfigureAwait(false);
        File.Move(fresh, FilePath, overwrite: true);
    }

    private static void AddDaemon(PackageTree tree, string daemon)
    {
        tree.AddAll("usr/lib/virt/virtd", daemon, static name => name == "virtd");
        tree.AddLink("usr/sbin/virtd", "../lib/virt/virtd/virtd");
    }

    private void AddConfiguration(PackageTree tree)
    {
        foreach (string unit in Directory.EnumerateFiles(_packaging, "virt*.s*").Where(file => Path.GetExtension(file) is ".service" or ".socket"))
            tree.AddFile($"lib/systemd/system/{Path.GetFileName(unit)}", unit);
        tree.AddFile("lib/systemd/system/virt-.scope.d/order.conf", Path.Combine(_packaging, "virt-.scope.d", "order.conf"));
        tree.AddFile("usr/lib/sysusers.d/virt.conf", Path.Combine(_packaging, "sysusers.conf"));
        tree.AddFile("usr/lib/tmpfiles.d/virt.conf", Path.Combine(_packaging, "tmpfiles.conf"));
        tree.AddFolder("etc/virt", Private);
        tree.AddFile("etc/virt/virtd.json", Path.Combine(_packaging, "virtd.json"));
        tree.AddFile("etc/apparmor.d/virt-guest", Path.Combine(_packaging, "apparmor", "virt-guest"));
        tree.AddFile("etc/logrotate.d/virt", Path.Combine(_packaging, "logrotate"));
    }

    private void AddDocumentation(PackageTree tree)
    {
        tree.AddFile("usr/share/doc/virt/copyright", Debian("copyright"));
        string changes = Path.Combine(repository.Root, "CHANGELOG.md");
        tree.AddCompressed("usr/share/doc/virt/CHANGELOG.md.gz", File.ReadAllText(changes));
        tree.AddCompressed("usr/share/doc/virt/changelog.gz", DebianChangelog(File.GetLastWriteTimeUtc(changes)));
        tree.AddCompressed("usr/share/man/man8/virtd.8.gz", Fill(File.ReadAllText(Path.Combine(_packaging, "virtd.8"))));
        tree.AddFile("usr/share/lintian/overrides/virt", Debian("lintian-overrides"));
    }

    private void AddControl(PackageTree tree, string glibc)
    {
        foreach (string script in (string[])["postinst", "prerm", "postrm"])
            tree.AddProgram($"DEBIAN/{script}", Debian(script));
        tree.AddFile("DEBIAN/conffiles", Debian("conffiles"));
        tree.AddText("DEBIAN/md5sums", tree.Checksums());
        string size = tree.InstalledKibibytes.ToString(CultureInfo.InvariantCulture);
        tree.AddText(
            "DEBIAN/control",
            Fill(File.ReadAllText(Debian("control")))
                .Replace("@SIZE@", size, StringComparison.Ordinal).Replace("@GLIBC@", glibc, StringComparison.Ordinal));
    }

    // Whose tools read it want its own form; what changed is told once.
    private string DebianChangelog(DateTime date) => string.Create(
        CultureInfo.InvariantCulture,
        $"virt ({version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- The Virt authors <virt@localhost.localdomain>  {date:ddd, dd MMM yyyy HH:mm:ss} +0000\n");

    private string Debian(string name) => Path.Combine(_packaging, "debian", name);

    private string Fill(string text) => text
        .Replace("@VERSION@", version, StringComparison.Ordinal).Replace("@ARCHITECTURE@", Architecture, StringComparison.Ordinal);

    // The newest of the versions that the program's symbols ask for, as gnu_get_libc_version(3) counts them.
    private static string GlibcOf(string program) =>
        GlibcVersion().Matches(Encoding.Latin1.GetString(File.ReadAllBytes(program)))
            .Select(match => Version.Parse(match.Groups[1].Value)).Max()?.ToString()
        ?? throw new BuildException($"{program} asks for no version of glibc: it is not the published virtd.");

    [GeneratedRegex(@"GLIBC_([0-9]+\.[0-9]+)\0")]
    private static partial Regex GlibcVersion();

    [GeneratedRegex(@"ModuleVersion\s*=\s*'([0-9.]+)'")]
    private static partial Regex Manifest();
}
