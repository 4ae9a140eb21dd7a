using System.Text;
using System.Xml.Linq;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains;
using Virt.Hosts;
using Virt.Secrets;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What is secret of a guest that has secrets of every kind is nowhere that others look.</summary>
public sealed class SecretHygieneTests
{
    private const string Disk = "disk-Passphrase-1", Tpm = "tpm-Passphrase-2", Vnc = "vncPass3", Spice = "spice-Password-4";
    private static readonly string[] Secrets = [Disk, Tpm, Vnc, Spice];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_on_a_command_line_in_a_log_or_in_an_export()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await SeparateUser.StartAsync(root: """ "logLevel": "Debug", """);
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        string key = $"{root}/key", image = $"{root}/locked.luks";
        await File.WriteAllTextAsync(key, Disk, Cancel);
        await Images.CreateLuksAsync(image, key, "1M");
        File.Delete(key);
        Guid disk = await SecretAsync(connection, $"<usage type='volume'><volume>{image}</volume></usage>", Disk);
        Guid tpm = await SecretAsync(connection, "<usage type='vtpm'><name>hygiene</name></usage>", Tpm);
        string xml = $"""
            <domain type='qemu'><name>hygiene</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os>
            <devices>
              <disk type='file' device='disk'><driver name='qemu' type='raw'/>
                <source file='{image}'><encryption format='luks'><secret type='passphrase' uuid='{disk}'/></encryption></source>
                <target dev='vda' bus='virtio'/></disk>
              <tpm model='tpm-crb'><backend type='emulator' version='2.0'><encryption secret='{tpm}'/></backend></tpm>
              <graphics type='vnc' passwd='{Vnc}'><listen type='socket'/></graphics>
              <graphics type='spice' passwd='{Spice}'><listen type='socket'/></graphics>
            </devices></domain>
            """;
        LaunchCommand launch = await connection.Hypervisor.GetLaunchCommandAsync(xml, Cancel);
        Hides(string.Join('\n', launch.Arguments), "the launch command");
        DomainRecord guest = await connection.Hypervisor.DefineDomainAsync(xml, DefineOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);

        IReadOnlyList<int> processes = GuestProcesses.Below(root);
        Assert.Contains(processes, process => GuestProcess.ProgramOf(process) == "swtpm");
        foreach (int process in processes)
        {
            Hides(await File.ReadAllTextAsync($"/proc/{process}/cmdline", Cancel), $"the command line of {GuestProcess.ProgramOf(process)}");
            Hides(await File.ReadAllTextAsync($"/proc/{process}/environ", Cancel), $"the environment of {GuestProcess.ProgramOf(process)}");
        }

        Hides(await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel), "the live XML");
        Hides(await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.Inactive, Cancel), "the XML");
        Assert.Contains(Vnc, await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.Secure, Cancel), StringComparison.Ordinal);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Hides(await File.ReadAllTextAsync($"{root}/var/log/virt/qemu/hygiene.log", Cancel), "the guest's log");
        Hides(daemon.Log, "the daemon's log");

        // Wherever a file must have one, only root reads it. The daemon holds its lock file, which has nothing in it.
        Assert.Equal(0, new FileInfo($"{root}/run/virt/virtd.lock").Length);
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => file != image && Path.GetFileName(file) != "virtd.lock" && SeparateUser.IsFile(file)))
        {
            string text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Cancel));
            if (Secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal) || text.Contains(Base64(secret), StringComparison.Ordinal)))
                Assert.Equal("0:0 600", SeparateUser.Of(file));
        }
    }

    [Fact]
    public void Passwords_and_cookies_are_not_in_what_is_handed_out()
    {
        var disk = XElement.Parse(
            "<disk type='network'><source protocol='https' name='a'><cookies><cookie name='session'>cookie-5</cookie></cookies></source>"
            + "<backingStore><source protocol='https' name='b'><cookies><cookie name='c'>cookie-6</cookie></cookies></source></backingStore></disk>");
        Assert.DoesNotContain("cookie-", Virt.Domains.Definition.DeviceElement.ToXml(disk), StringComparison.Ordinal);
    }

    private static async Task<Guid> SecretAsync(VirtConnection connection, string usage, string value)
    {
        SecretRecord secret = await connection.Secrets.DefineSecretAsync($"<secret private='yes' ephemeral='no'>{usage}</secret>", Cancel);
        await connection.Secrets.SetSecretValueAsync(secret.Uuid, Encoding.UTF8.GetBytes(value), Cancel);
        return secret.Uuid;
    }

    private static void Hides(string text, string where)
    {
        Assert.NotEmpty(text);
        foreach (string secret in Secrets)
        {
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{where} has {secret}");
            Assert.False(text.Contains(Base64(secret), StringComparison.Ordinal), $"{where} has {secret} in base64");
        }
    }

    private static string Base64(string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));
}
