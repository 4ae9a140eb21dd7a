using System.Diagnostics;
using Virt.Tests.Daemon.RealDaemon;

namespace Virt.Tests.Daemon.Packaging;

/// <summary>The Debian package that the task Package has made. That it installs is shown by tests/packaging.</summary>
public sealed class DebianPackageTests
{
    private static string? Package => Environment.GetEnvironmentVariable("VIRT_DEB") is { Length: > 0 } file && File.Exists(file) ? file : null;

    [Fact]
    public async Task It_holds_what_it_should_with_the_right_owners_and_modes()
    {
        Assert.SkipWhen(Package is null, "VIRT_DEB names no Debian package");
        string[] lines = (await RunAsync("dpkg-deb", "-c", Package!)).Split('\n');
        AssertHas(lines, "drwx------ root/root", "./etc/virt/");
        AssertHas(lines, "-rw-r--r-- root/root", "./etc/virt/virtd.json");
        AssertHas(lines, "-rw-r--r-- root/root", "./etc/logrotate.d/virt");
        AssertHas(lines, "-rw-r--r-- root/root", "./etc/apparmor.d/virt-guest");
        AssertHas(lines, "-rwxr-xr-x root/root", "./usr/lib/virt/virtd/virtd");
        AssertHas(lines, "lrwxrwxrwx root/root", "./usr/sbin/virtd -> ../lib/virt/virtd/virtd");
        AssertHas(lines, "-rw-r--r-- root/root", "./usr/share/virt/Modules/Virt/Virt.psd1");
        foreach (string name in (string[])["virtd.service", "virtd.socket", "virtd-ro.socket", "virt-guests.service", "virt-.scope.d/order.conf"])
            AssertHas(lines, "-rw-r--r-- root/root", $"./lib/systemd/system/{name}");
        Assert.All(lines.Where(line => line.Length > 0), line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
        string control = await RunAsync("dpkg-deb", "-f", Package!);
        Assert.Contains($"Version: {Virt.Daemon.Rpc.Daemon.Version}\n", control, StringComparison.Ordinal);
        Assert.DoesNotContain('@', control.Replace("@localhost", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_daemon_runs_without_a_NET_runtime_on_the_host()
    {
        Assert.SkipWhen(Package is null, "VIRT_DEB names no Debian package");
        string root = Directory.CreateTempSubdirectory("deb-").FullName;
        try
        {
            await RunAsync("dpkg-deb", "-x", Package!, root);
            var start = new ProcessStartInfo(Path.Combine(root, "usr/sbin/virtd"), ["--version"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            };
            start.Environment.Clear();
            start.Environment["DOTNET_ROOT"] = Path.Combine(root, "none");
            (int exit, string output, string error) = await VirtdProcess.RunAsync(start);
            Assert.True(exit == 0, error);
            Assert.StartsWith(Virt.Daemon.Rpc.Daemon.Version, output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void AssertHas(string[] lines, string mode, string name) => Assert.Contains(
        lines, line => line.StartsWith(mode, StringComparison.Ordinal) && line.EndsWith(" " + name, StringComparison.Ordinal));

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int exit, string output, string error) = await VirtdProcess.RunAsync(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        });
        return exit == 0 ? output : throw new InvalidOperationException(error);
    }
}
