using System.Text;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;
using Virt.Secrets;
using Virt.Storage;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Disks as a guest sees them: a real virtd, a real QEMU, a Linux that reads and writes.</summary>
public sealed class StorageGuestTests
{
    private const string Passphrase = "correct horse battery staple";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_virtio_scsi_disk_has_its_size_serial_and_vendor_in_the_guest()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        ImageRecord image = await connection.Storage.CreateImageAsync(new ImageRequest("data.raw", "raw", 12 << 20), Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "scsi", $"""
            <controller type='scsi' index='0' model='virtio-scsi'><driver queues='2'/></controller>
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw' discard='unmap'/>
              <source file='{image.Path}'/>
              <target dev='sda' bus='scsi'/>
              <serial>S-42</serial><vendor>ACME</vendor><product>ROCKET</product>
            </disk>
            """);
        await guest.BootAsync();

        string report = string.Join('\n', await AskAllAsync(guest, "report"));
        Assert.Contains($"block name=sda bytes={12 << 20} ro=0", report, StringComparison.Ordinal);
        Assert.Equal(["ACME"], (await RunAsync(guest, "cat /sys/block/sda/device/vendor")).Select(line => line.Trim()));
        Assert.Equal(["ROCKET"], (await RunAsync(guest, "cat /sys/block/sda/device/model")).Select(line => line.Trim()));
        Assert.Contains("S-42", string.Concat(await RunAsync(guest, "tail -c +5 /sys/block/sda/device/vpd_pg80")), StringComparison.Ordinal);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_luks_disk_opens_with_its_secret_and_the_host_sees_neither_content_nor_passphrase()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string path = Path.Combine(daemon.Root, "locked.luks"), key = Path.Combine(daemon.Root, "key");
        await File.WriteAllTextAsync(key, Passphrase, Cancel);
        await Images.RunAsync("create", "-q", "-f", "luks", "--object", $"secret,id=s,file={key}", "-o", "key-secret=s,iter-time=10", path, "8M");
        File.Delete(key);
        SecretRecord secret = await connection.Secrets.DefineSecretAsync(
            $"<secret private='yes' ephemeral='no'><usage type='volume'><volume>{path}</volume></usage></secret>", Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "luks", $"""
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/>
              <source file='{path}'><encryption format='luks'><secret type='passphrase' uuid='{secret.Uuid}'/></encryption></source>
              <target dev='vda' bus='virtio'/>
            </disk>
            """);
        VirtException missing = await Assert.ThrowsAnyAsync<VirtException>(() =>
            connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.NoSecret, missing.Code);

        await connection.Secrets.SetSecretValueAsync(secret.Uuid, Encoding.UTF8.GetBytes(Passphrase), Cancel);
        await guest.BootAsync();
        Assert.Equal([(8 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture)], await RunAsync(guest, "blockdev --getsize64 /dev/vda"));
        await RunAsync(guest, "echo treasure | dd of=/dev/vda conv=fsync 2>/dev/null");
        Assert.Equal(["treasure"], await RunAsync(guest, "head -n 1 /dev/vda"));

        Assert.DoesNotContain("treasure", Encoding.Latin1.GetString(await ReadSharedAsync(path)), StringComparison.Ordinal);
        Assert.All(GuestProcesses.Below(daemon.Root), pid =>
            Assert.DoesNotContain(Passphrase, File.ReadAllText($"/proc/{pid}/cmdline"), StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(daemon.Root, "*.base64", SearchOption.AllDirectories), value =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(value)));
        Assert.Equal(VirtErrorCode.InvalidSecret, (await Assert.ThrowsAsync<VirtException>(() =>
            connection.Secrets.GetSecretValueAsync(secret.Uuid, Cancel).AsTask())).Code);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_transient_disk_forgets_what_was_written_and_a_chain_is_read_through()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        ImageRecord below = await connection.Storage.CreateImageAsync(new ImageRequest("base.raw", "raw", 4 << 20), Cancel);
        await using (FileStream file = File.OpenWrite(below.Path))
            await file.WriteAsync(Encoding.ASCII.GetBytes("from below\n"), Cancel);
        ImageRecord top = await connection.Storage.CreateImageAsync(new ImageRequest("top.qcow2", "qcow2", 0, below.Path, "raw"), Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "transient", $"""
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2'/><source file='{top.Path}'/><target dev='vda' bus='virtio'/><transient/>
            </disk>
            """);
        foreach (string round in (string[])["first", "second"])
        {
            await guest.BootAsync();
            Assert.Equal(["from below"], await RunAsync(guest, "head -n 1 /dev/vda"));
            await RunAsync(guest, $"echo {round} | dd of=/dev/vda conv=fsync 2>/dev/null");
            Assert.Equal([round], await RunAsync(guest, "head -n 1 /dev/vda"));
            Assert.True(File.Exists($"{top.Path}.TRANSIENT-transient"), "the overlay lies beside the image");
            string live = await connection.Hypervisor.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel);
            Assert.Contains(below.Path, live, StringComparison.Ordinal);
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.SaveDomainAsync(guest.Uuid, Cancel).AsTask());
            Assert.Equal(VirtErrorCode.OperationInvalid, refused.Code);
            await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
            guest.Disconnect();
            Assert.False(File.Exists($"{top.Path}.TRANSIENT-transient"), "the overlay is gone with the run");
        }

        Assert.Equal("from below", (await File.ReadAllLinesAsync(below.Path, Encoding.Latin1, Cancel))[0]);
    }

    [Fact]
    public async Task A_cloud_init_seed_is_mounted_and_a_volume_of_the_default_pool_is_found()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        ImageRecord seed = await connection.Storage.CreateCloudInitSeedAsync(
            new CloudInitSeed("seed.iso", "#cloud-config\nhostname: wörld\n", "instance-id: i-1\n", "version: 2\n", "#cloud-config\n{}\n"), Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "seed", $"""
            <controller type='scsi' index='0' model='virtio-scsi'/>
            <disk type='volume' device='cdrom'>
              <driver name='qemu' type='raw'/><source pool='default' volume='{Path.GetFileName(seed.Path)}'/><target dev='sda' bus='scsi'/><readonly/>
            </disk>
            """);
        await guest.BootAsync();
        await RunAsync(guest, "mkdir -p /mnt && mount -t iso9660 -o ro /dev/sr0 /mnt");
        Assert.Equal(["meta-data", "network-config", "user-data", "vendor-data"], await RunAsync(guest, "ls /mnt"));
        Assert.Equal(["#cloud-config", "hostname: wörld"], await RunAsync(guest, "cat /mnt/user-data"));
        Assert.Equal(["cidata"], await RunAsync(guest, "dd if=/dev/sr0 bs=1 skip=32808 count=6 2>/dev/null; echo"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    private static Task<IReadOnlyList<string>> RunAsync(LinuxGuest guest, string command) => AskAllAsync(guest, "sh " + command);

    /// <summary>Asks for an answer of several lines, which ends with END and a status.</summary>
    private static async Task<IReadOnlyList<string>> AskAllAsync(LinuxGuest guest, string command)
    {
        var lines = new List<string>();
        for (string? line = await guest.AskAsync(command); line is not null && line != "END" && line != "END 0"; line = await guest.ReadAsync())
        {
            Assert.False(line.StartsWith("END ", StringComparison.Ordinal), $"'{command}' failed: {line}; {string.Join('\n', lines)}");
            lines.Add(line);
        }

        return lines;
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, Cancel);
        return content;
    }
}
