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

        Assert.Equal("24576", await guest.ShellAsync("cat /sys/block/sda/size"));
        Assert.Equal("ACME", (await guest.ShellAsync("cat /sys/block/sda/device/vendor")).Trim());
        Assert.Equal("ROCKET", (await guest.ShellAsync("cat /sys/block/sda/device/model")).Trim());
        Assert.Contains("S-42", await guest.ShellAsync("tail -c +5 /sys/block/sda/device/vpd_pg80; echo"), StringComparison.Ordinal);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_luks_disk_opens_with_its_secret_and_the_host_sees_neither_content_nor_passphrase()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string path = Path.Combine(daemon.Root, "locked.luks"), key = Path.Combine(daemon.Root, "key");
        await File.WriteAllTextAsync(key, Passphrase, Cancel);
        await Images.CreateLuksAsync(path, key, "8M");
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
        Assert.Equal("16384", await guest.ShellAsync("cat /sys/block/vda/size"));
        await guest.ShellAsync("echo treasure | dd of=/dev/vda conv=fsync 2>/dev/null");
        Assert.Equal("treasure", await guest.ShellAsync("head -n 1 /dev/vda"));

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
            Assert.Equal("from below", await guest.ShellAsync("head -n 1 /dev/vda"));
            await guest.ShellAsync($"echo {round} | dd of=/dev/vda conv=fsync 2>/dev/null");
            Assert.Equal(round, await guest.ShellAsync("head -n 1 /dev/vda"));
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
        await guest.ShellAsync("mkdir -p /mnt && mount -t iso9660 -o ro /dev/sr0 /mnt");
        Assert.Equal("meta-data\nnetwork-config\nuser-data\nvendor-data", await guest.ShellAsync("ls -1 /mnt"));
        Assert.Equal("#cloud-config\nhostname: wörld", await guest.ShellAsync("cat /mnt/user-data"));
        Assert.Equal("cidata", await guest.ShellAsync("dd if=/dev/sr0 bs=1 skip=32808 count=6 2>/dev/null; echo"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, Cancel);
        return content;
    }
}
