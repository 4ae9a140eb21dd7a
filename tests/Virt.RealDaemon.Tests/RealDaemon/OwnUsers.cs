using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A virtd of which each guest has a user id of its own.</summary>
internal static class OwnUsers
{
    /// <summary>Starts it on a folder that all users can pass, with some ids that no other virtd has.</summary>
    public static async Task<(VirtdProcess Daemon, uint First)> StartAsync(uint count, string[]? prefix = null)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run guests as other users");
        uint first = 0x7e00_0000 + (uint)Random.Shared.Next(0xff_0000);
        VirtdProcess daemon = await VirtdProcess.StartAsync(config: Config(first, count), prefix: prefix);
        SeparateUser.Let(daemon.Root);
        return (daemon, first);
    }

    public static string Config(uint first, uint count) => $$"""{ "qemu": { "userIds": { "first": {{first}}, "count": {{count}} } } }""";

    /// <summary>The QEMU of a guest.</summary>
    public static int QemuOf(VirtdProcess daemon, Guid guest) => ProcessesOf(daemon, guest).Single(process => GuestProcess.ProgramOf(process).StartsWith("qemu", StringComparison.Ordinal));

    /// <summary>All processes of a guest.</summary>
    public static IEnumerable<int> ProcessesOf(VirtdProcess daemon, Guid guest) => GuestProcesses.Below(daemon.Root)
        .Where(process => File.ReadAllText($"/proc/{process}/cmdline").Contains(guest.ToString("D"), StringComparison.Ordinal));

    /// <summary>The user of a process: its only one.</summary>
    public static uint UserOf(int process) =>
        uint.Parse(Assert.Single(GuestProcess.Status(process, "Uid").Split(' ').Distinct()), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The user of a guest's QEMU.</summary>
    public static uint UserOf(VirtdProcess daemon, Guid guest) => UserOf(QemuOf(daemon, guest));

    /// <summary>What somebody who has taken over a QEMU gets of a process and of files.</summary>
    public static async Task<IReadOnlyList<string>> ReachAsync(VirtdProcess daemon, int attacker, int process, IEnumerable<string> paths)
    {
        string script = Path.Combine(daemon.Root, "reach.py");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "reach.py"), script, overwrite: true);
        File.SetUnixFileMode(script, (UnixFileMode)0x1ed);
        (int code, string output, string error) = await VirtdProcess.RunAsync(new ProcessStartInfo(
            "/usr/bin/setpriv",
            [
                "--reuid", $"{UserOf(attacker)}", "--regid", GuestProcess.Status(attacker, "Gid").Split(' ')[0], "--groups", GuestProcess.Status(attacker, "Groups").Replace(' ', ','),
                "--inh-caps=-all", "--no-new-privs", "/usr/bin/python3", script, $"{process}", .. paths,
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        });
        Assert.True(code == 0, error);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("tried", lines[^1]);
        return lines[..^1];
    }

    /// <summary>All files, folders and sockets below a root that name a guest, and those below such folders.</summary>
    public static IReadOnlyList<string> PathsOf(VirtdProcess daemon, DomainRecord guest) =>
    [
        .. Directory.EnumerateFileSystemEntries(daemon.Root, "*", SearchOption.AllDirectories).Where(path =>
            path.Contains(guest.Uuid.ToString("D"), StringComparison.Ordinal)
            || Path.GetFileName(path).StartsWith(guest.Name + ".", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith(guest.Name + "_", StringComparison.Ordinal)),
    ];

    /// <summary>What below a root belongs to some ids, or lets them by an access control list.</summary>
    public static IEnumerable<string> LeftTo(string root, uint first, uint count) =>
        from path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
        let owner = SeparateUser.Of(path)
        where Enumerable.Range(0, (int)count).Any(place => owner.Contains($"{first + (uint)place}:", StringComparison.Ordinal))
        select $"{path} {owner}";

    /// <summary>Defines a small guest.</summary>
    public static async Task<DomainRecord> DefineAsync(VirtConnection connection, string name, string devices = "", string firmware = "") =>
        await connection.Hypervisor.DefineDomainAsync(
            $"""
            <domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
            <os {firmware}><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features><devices>{devices}</devices></domain>
            """, DefineOptions.None, TestContext.Current.CancellationToken);

    public static string Disk(string path, string more = "", string format = "raw", string target = "vda") =>
        $"<disk type='file' device='disk'><driver name='qemu' type='{format}'/><source file='{path}'/><target dev='{target}' bus='virtio'/>{more}</disk>";
}
