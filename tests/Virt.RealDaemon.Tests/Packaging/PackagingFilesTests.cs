using System.Diagnostics;
using System.Text.RegularExpressions;
using Virt.Daemon.Hosting;
using Virt.Tests.Daemon.RealDaemon;

namespace Virt.Tests.Daemon.Packaging;

/// <summary>What the package brings beside programs agrees with them.</summary>
public sealed partial class PackagingFilesTests
{
    private static string Folder
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "Virt.sln")))
                folder = folder.Parent;
            return Path.Combine(folder.FullName, "packaging");
        }
    }

    [Fact]
    public void The_configuration_file_says_the_defaults_and_is_read()
    {
        Assert.Equivalent(new DaemonConfig(), DaemonConfig.Read(Path.Combine(Folder, "virtd.json"), mustExist: true));
        // With its examples taken out of their comments as well.
        string folder = Directory.CreateTempSubdirectory("conf-").FullName;
        try
        {
            string active = Example().Replace(File.ReadAllText(Path.Combine(Folder, "virtd.json")), "$1");
            string file = Path.Combine(folder, "virtd.json");
            File.WriteAllText(file, active);
            Assert.Contains("\n\"limits\"", active, StringComparison.Ordinal);
            Assert.Equivalent(new DaemonConfig(), DaemonConfig.Read(file, mustExist: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_manual_page_has_every_option()
    {
        (_, string help, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("--help"));
        string page = File.ReadAllText(Path.Combine(Folder, "virtd.8")).Replace("\\-", "-", StringComparison.Ordinal);
        string[] options = [.. Option().Matches(help).Select(match => match.Value).Where(option => option is not ("--help" or "--version")).Distinct()];
        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains(option, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_units_are_such_as_systemd_takes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not on this machine");
        string folder = Directory.CreateTempSubdirectory("units-").FullName;
        try
        {
            foreach (string unit in Directory.EnumerateFiles(Folder, "virt*.s*").Where(file => Path.GetExtension(file) is ".service" or ".socket"))
            {
                // Neither program nor manual page is installed where this runs.
                string text = File.ReadAllText(unit).Replace("/usr/sbin/virtd", "/bin/true", StringComparison.Ordinal);
                await File.WriteAllTextAsync(
                    Path.Combine(folder, Path.GetFileName(unit)), Documentation().Replace(text, string.Empty), TestContext.Current.CancellationToken);
            }

            var start = new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", .. Directory.EnumerateFiles(folder)])
            {
                RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
            };
            (int exit, string output, string error) = await VirtdProcess.RunAsync(start);
            // Of other units it says what it likes.
            Assert.DoesNotContain((output + error).Split('\n'), line => line.Contains("virt", StringComparison.Ordinal));
            Assert.Equal(0, exit);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"^  // (""\w+"": .*)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"--[a-z]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"^Documentation=.*\n", RegexOptions.Multiline)]
    private static partial Regex Documentation();
}
