using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Virt.Daemon.Drivers.Network;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Secret;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;
using Virt.Secrets;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What QEMU is told of disks that are not files of this host, and of secrets.</summary>
public sealed class DiskSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    /// <summary>A source and a part of the node that QEMU gets for it.</summary>
    public static TheoryData<string, string> Sources => new()
    {
        { "<source protocol='nbd' name='e'><host name='h' port='1'/></source>", """{"driver":"nbd","server":{"type":"inet","host":"h","port":"1"},"export":"e",""" },
        { "<source protocol='nbd'><host transport='unix' socket='/s'/></source>", """{"driver":"nbd","server":{"type":"unix","path":"/s"},""" },
        { "<source protocol='rbd' name='p/i'><host name='::1'/><snapshot name='s'/><config file='/c'/></source>", """{"driver":"rbd","pool":"p","image":"i","snapshot":"s","conf":"/c","server":[{"host":"::1"}],""" },
        { "<source protocol='iscsi' name='iqn.x:y/7'><host name='fe80::1'/><initiator><iqn name='iqn.me'/></initiator></source>", """{"driver":"iscsi","portal":"[fe80::1]:3260","target":"iqn.x:y","lun":7,"transport":"tcp","initiator-name":"iqn.me",""" },
        { "<source protocol='https' name='a b/c' query='q=1'><host name='h'/><ssl verify='no'/><timeout seconds='9'/><readahead size='4096'/></source>", """{"driver":"https","url":"https://h:443/a%20b/c?q=1","readahead":4096,"timeout":9,"sslverify":false,""" },
        { "<source protocol='gluster' name='v/d/i'><host name='h'/><host transport='unix' socket='/g'/></source>", """{"driver":"gluster","volume":"v","path":"d/i","server":[{"type":"inet","host":"h","port":"24007"},{"type":"unix","path":"/g"}],""" },
        { "<source protocol='ssh' name='/i'><host name='h'/></source>", """{"driver":"ssh","path":"/i","server":{"host":"h","port":"22"},""" },
        { "<source protocol='nfs' name='/i'><host name='h'/><identity user='+12' group='root'/></source>", """{"driver":"nfs","server":{"host":"h","type":"inet"},"path":"/i","user":12,"group":0,""" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_network_disk_becomes_its_node(string source, string node)
    {
        QemuCommandLine line = await BuildAsync($"<disk type='network'>{source}<target dev='vda' bus='virtio'/></disk>");
        Assert.Contains(line.Arguments, argument => argument.StartsWith(node, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Passwords_and_cookies_are_in_descriptors_and_not_in_arguments()
    {
        var secrets = new SecretStore(_folder.File("secrets"), NullLogger.Instance);
        secrets.SetValue(secrets.Define(SecretDefinition.Parse("<secret><usage type='iscsi'><target>t</target></usage></secret>")).Uuid, "pass,word"u8.ToArray());
        QemuCommandLine line = await BuildAsync(
            """
            <disk type='network'><source protocol='iscsi' name='i'><host name='h'/><auth username='u'><secret type='iscsi' usage='t'/></auth></source><target dev='vda' bus='virtio'/></disk>
            <disk type='network'><source protocol='http' name='i'><host name='h'/><cookies><cookie name='a'>choc</cookie></cookies></source><target dev='vdb' bus='virtio'/></disk>
            """,
            new GuestPreparation(secrets, new StoragePools(new ImageStore(new StorageFolders(_folder.File("images"), []))), new HostNetworks(_folder.File("networks"), null)));
        Assert.Equal(2, line.Descriptors.Count);
        Assert.DoesNotContain(line.Arguments, argument => argument.Contains("pass,word", StringComparison.Ordinal) || argument.Contains("choc", StringComparison.Ordinal));
        Assert.Contains("""{"qom-type":"secret","id":"libvirt-1-storage-auth-secret0","format":"base64","file":"/dev/fd/4"}""", line.Arguments);
        Assert.Contains(line.Arguments, argument => argument.Contains("\"user\":\"u\",\"password-secret\":\"libvirt-1-storage-auth-secret0\"", StringComparison.Ordinal));
        using var pipe = new FileStream((Microsoft.Win32.SafeHandles.SafeFileHandle)line.Descriptors[0](), FileAccess.Read);
        using var reader = new StreamReader(pipe);
        Assert.Equal("pass,word", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(await reader.ReadToEndAsync(TestContext.Current.CancellationToken))));
    }

    [Fact]
    public async Task A_secret_or_pool_that_is_missing_is_said_before_qemu_starts()
    {
        var host = new GuestPreparation(new SecretCatalog(), new StoragePools(new ImageStore(new StorageFolders(_folder.File("images"), []))), new HostNetworks(_folder.File("networks"), null));
        const string Encrypted = "<disk type='file'><source file='/a'><encryption format='luks'><secret type='passphrase' usage='/a'/></encryption></source><target dev='vda' bus='virtio'/></disk>";
        VirtException missing = await Assert.ThrowsAnyAsync<VirtException>(() => BuildAsync(Encrypted, host));
        Assert.Equal(VirtErrorCode.NoSecret, missing.Code);
        Assert.StartsWith("line 8: <secret>: ", missing.Message, StringComparison.Ordinal);
        const string Volume = "<disk type='volume'><source pool='other' volume='v'/><target dev='vda' bus='virtio'/></disk>";
        Assert.Equal(VirtErrorCode.NoStoragePool, (await Assert.ThrowsAnyAsync<VirtException>(() => BuildAsync(Volume, host))).Code);
    }

    [Fact]
    public async Task Qemu_opens_an_export_of_a_server_on_a_unix_socket()
    {
        string image = _folder.File("disk.raw"), socket = _folder.File("nbd"), pid = _folder.File("nbd.pid");
        await File.WriteAllBytesAsync(image, new byte[1 << 20], TestContext.Current.CancellationToken);
        using (Process server = Process.Start("qemu-nbd", ["--fork", "--persistent", "-f", "raw", "-x", "data", "-k", socket, "--pid-file", pid, image]))
        {
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, server.ExitCode);
        }

        try
        {
            GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(
                $"<disk type='network'><source protocol='nbd' name='data'><host transport='unix' socket='{socket}'/></source><target dev='vda' bus='virtio'/></disk>"));
            QemuCommandLine line = QemuCommandLine.Build(
                guest, await TestQemu.GetAsync(), new LaunchPaths(_folder.Path, _folder.File("pid"), _folder.File("log")));
            using var qemu = new RealQemu(guest, _folder);
            await qemu.TryAsync(line, TestContext.Current.CancellationToken);
        }
        finally
        {
            using Process left = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid, CancellationToken.None), CultureInfo.InvariantCulture));
            left.Kill();
        }
    }

    private static async Task<QemuCommandLine> BuildAsync(string devices, GuestPreparation? host = null)
    {
        QemuCapabilities capabilities = await TestQemu.GetAsync();
        GuestDefinition guest = await TestQemu.ParseAsync(TestQemu.Domain(devices));
        if (host is not null)
            await guest.PrepareAsync(host, TestContext.Current.CancellationToken);
        return QemuCommandLine.Build(guest, capabilities, new LaunchPaths("/r", "/r/pid", "/log"));
    }
}
