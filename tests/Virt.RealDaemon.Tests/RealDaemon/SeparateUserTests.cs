using System.Diagnostics;
using System.Net.Sockets;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Guests of a real virtd run as a user without rights, and have their files while they run.</summary>
public sealed class SeparateUserTests
{
    private const string NoCapability = "0000000000000000";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Guest => $"{SeparateUser.Account.User}:{SeparateUser.Account.Group}";

    [Fact]
    public async Task Qemu_has_no_right_of_root_and_its_files_are_its_own_while_it_runs()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "qcow2", $"{root}/base.qcow2", "16M");
        await Images.RunAsync("create", "-q", "-f", "qcow2", "-b", $"{root}/base.qcow2", "-F", "qcow2", $"{root}/disk.qcow2");
        SeparateUser.Own($"{root}/base.qcow2", 7, 8);
        SeparateUser.Own($"{root}/disk.qcow2", 5, 6);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, root, "own", Disk("qcow2", $"{root}/disk.qcow2"));
        await guest.BootAsync();

        int qemu = Assert.Single(GuestProcesses.Below(root));
        string user = $"{SeparateUser.Account.User}", group = $"{SeparateUser.Account.Group}";
        Assert.Equal(string.Join(' ', Enumerable.Repeat(user, 4)), GuestProcess.Status(qemu, "Uid"));
        Assert.Equal(string.Join(' ', Enumerable.Repeat(group, 4)), GuestProcess.Status(qemu, "Gid"));
        Assert.DoesNotContain("0", GuestProcess.Status(qemu, "Groups").Split(' '));
        foreach (string set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
            Assert.Equal(NoCapability, GuestProcess.Status(qemu, set));
        Assert.Equal("1", GuestProcess.Status(qemu, "NoNewPrivs"));
        Assert.Equal("2", GuestProcess.Status(qemu, "Seccomp"));

        Assert.Equal($"{Guest} 600", SeparateUser.Of($"{root}/disk.qcow2"));
        // What is only read stays its owner's.
        Assert.Equal($"7:8 640 +{user}:r", SeparateUser.Of($"{root}/base.qcow2"));
        Assert.Equal("1", await guest.ShellAsync("echo hello >/dev/vda && sync && head -c 5 /dev/vda | grep -c hello"));

        string run = $"{root}/run/virt/qemu/{guest.Uuid:D}";
        Assert.Equal($"0:{group} 710", SeparateUser.Of(run));
        Assert.Equal($"{Guest} 700", SeparateUser.Of($"{run}/qemu"));
        Assert.Equal("0:0 600", SeparateUser.Of($"{root}/var/log/virt/qemu/own.log"));
        Assert.Equal("0:0 700", SeparateUser.Of($"{root}/var/log/virt"));
        Assert.Equal("0:0 600", SeparateUser.Of($"{root}/run/virt/qemu/own.status"));
        Assert.Equal("0:0 700", SeparateUser.Of($"{root}/etc/virt/qemu"));

        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/disk.qcow2"));
        Assert.Equal("7:8 600", SeparateUser.Of($"{root}/base.qcow2"));
        Assert.False(Directory.Exists(run));
        Assert.False(File.Exists($"{root}/own.console"));
        Assert.Empty(Directory.GetFiles($"{root}/var/lib/virt/qemu/owners"));
    }

    [Fact]
    public async Task An_image_below_two_guests_goes_back_with_the_last_however_they_end()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "qcow2", $"{root}/base.qcow2", "16M");
        SeparateUser.Own($"{root}/base.qcow2", 7, 8);
        var guests = new List<DomainRecord>();
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            foreach (string name in (string[])["a", "b"])
            {
                await Images.RunAsync("create", "-q", "-f", "qcow2", "-b", $"{root}/base.qcow2", "-F", "qcow2", $"{root}/{name}.qcow2");
                SeparateUser.Own($"{root}/{name}.qcow2");
                guests.Add(await connection.Hypervisor.CreateDomainAsync(
                    Small(name, Disk("qcow2", $"{root}/{name}.qcow2")), StartOptions.Paused, Cancel));
            }

            await EndedAsync(connection, guests[0].Uuid, () => Kill(root, guests[0].Uuid));
            Assert.Equal("0:0 600", SeparateUser.Of($"{root}/a.qcow2"));
            Assert.Equal($"{Guest} 600", SeparateUser.Of($"{root}/b.qcow2"));
            Assert.Equal($"7:8 640 +{SeparateUser.Account.User}:r", SeparateUser.Of($"{root}/base.qcow2"));
        }

        // The other ends while nobody looks.
        await daemon.KillAsync();
        Kill(root, guests[1].Uuid);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.All(await again.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel), domain => Assert.False(domain.IsActive));
        Assert.Equal("0:0 600", SeparateUser.Of($"{root}/b.qcow2"));
        Assert.Equal("7:8 600", SeparateUser.Of($"{root}/base.qcow2"));
        Assert.Empty(Directory.GetFiles($"{root}/var/lib/virt/qemu/owners"));
    }

    [Fact]
    public async Task A_daemon_that_is_back_hands_back_what_an_earlier_one_gave()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/disk.raw", "1M");
        SeparateUser.Own($"{root}/disk.raw", 5, 6);
        Guid uuid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
            uuid = (await connection.Hypervisor.CreateDomainAsync(Small("kept", Disk("raw", $"{root}/disk.raw")), StartOptions.None, Cancel)).Uuid;
        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, Assert.Single(await again.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel)).State);
        Assert.Equal($"{Guest} 600", SeparateUser.Of($"{root}/disk.raw"));

        await again.Hypervisor.DestroyDomainAsync(uuid, DestroyOptions.None, Cancel);
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/disk.raw"));
    }

    [Fact]
    public async Task A_start_that_fails_gives_everything_back()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/good.raw", "1M");
        await File.WriteAllTextAsync($"{root}/bad.qcow2", "this is no image", Cancel);
        SeparateUser.Own($"{root}/good.raw", 5, 6);
        SeparateUser.Own($"{root}/bad.qcow2", 5, 6);
        string closed = Directory.CreateDirectory($"{root}/closed", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        File.Copy($"{root}/good.raw", $"{closed}/disk.raw");

        await Assert.ThrowsAsync<VirtException>(() => connection.Hypervisor.CreateDomainAsync(
            Small("bad", Disk("raw", $"{root}/good.raw") + Disk("qcow2", $"{root}/bad.qcow2", "vdb")), StartOptions.None, Cancel).AsTask());
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/good.raw"));
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/bad.qcow2"));

        VirtException denied = await Assert.ThrowsAsync<VirtException>(() => connection.Hypervisor.CreateDomainAsync(
            Small("far", Disk("raw", $"{closed}/disk.raw")), StartOptions.None, Cancel).AsTask());
        Assert.Contains($"'{closed}'", denied.Message, StringComparison.Ordinal);
        Assert.Contains("setfacl -m u:nobody:x", denied.RecommendedAction, StringComparison.Ordinal);
        Assert.StartsWith("0:0 ", SeparateUser.Of($"{closed}/disk.raw"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles($"{root}/var/lib/virt/qemu/owners"));
    }

    [Fact]
    public async Task A_user_that_is_not_there_fails_the_start_and_is_said_by_the_check()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run QEMU as another user");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: """{ "qemu": { "user": "no-such-user" } }""");
        await using VirtConnection connection = await daemon.ConnectAsync();
        VirtException missing = await Assert.ThrowsAsync<VirtException>(
            () => connection.Hypervisor.CreateDomainAsync(Small("none", ""), StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.ConfigurationError, missing.Code);
        Assert.Contains("'no-such-user'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("useradd --system", missing.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(GuestProcesses.Below(daemon.Root));

        (int code, string output, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("check", "--root", daemon.Root));
        Assert.Equal(1, code);
        Assert.Contains("no-such-user", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_plugged_is_given_and_handed_back()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/plug.raw", "1M");
        SeparateUser.Own($"{root}/plug.raw", 5, 6);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, root, "plug", "<controller type='pci' index='1' model='pcie-root-port'/><controller type='pci' index='2' model='pcie-root-port'/><controller type='pci' index='3' model='pcie-root-port'/><controller type='pci' index='4' model='pcie-root-port'/>");
        await guest.BootAsync();

        await connection.Hypervisor.AttachDeviceAsync(guest.Uuid, Disk("raw", $"{root}/plug.raw"), ChangeScope.Live, Cancel);
        Assert.Equal($"{Guest} 600", SeparateUser.Of($"{root}/plug.raw"));
        await guest.UntilAsync("[ -b /dev/vda ]");
        await connection.Hypervisor.DetachDeviceAsync(guest.Uuid, Disk("raw", $"{root}/plug.raw"), ChangeScope.Live, Patience, Cancel);
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/plug.raw"));
    }

    [Fact]
    public async Task A_medium_that_is_changed_is_given_and_the_old_one_handed_back()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        foreach (string name in (string[])["one.iso", "two.iso"])
        {
            await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/{name}", "1M");
            SeparateUser.Own($"{root}/{name}", 5, 6);
        }

        string Drive(string medium) =>
            $"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{root}/{medium}'/><target dev='sda' bus='sata'/><readonly/></disk>";
        DomainRecord guest = await connection.Hypervisor.CreateDomainAsync(Small("media", Drive("one.iso")), StartOptions.Paused, Cancel);
        Assert.Equal($"5:6 640 +{SeparateUser.Account.User}:r", SeparateUser.Of($"{root}/one.iso"));
        await connection.Hypervisor.UpdateDeviceAsync(guest.Uuid, Drive("two.iso"), ChangeScope.Live, Cancel);
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/one.iso"));
        Assert.Equal($"5:6 640 +{SeparateUser.Account.User}:r", SeparateUser.Of($"{root}/two.iso"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/two.iso"));
    }

    [Fact]
    public async Task The_variables_of_firmware_are_the_guests_while_it_runs()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string nvram = $"{daemon.Root}/var/lib/virt/qemu/nvram/efi_VARS.fd";
        DomainRecord guest = await connection.Hypervisor.CreateDomainAsync(
            Small("efi", "").Replace("<os>", "<os firmware='efi'>", StringComparison.Ordinal).Replace("<devices>", "<features><acpi/></features><devices>", StringComparison.Ordinal).Replace(">32<", ">128<", StringComparison.Ordinal), StartOptions.None, Cancel);
        Assert.Equal($"{Guest} 600", SeparateUser.Of(nvram));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("0:0 600", SeparateUser.Of(nvram));
    }

    [Fact]
    public async Task Tpm_display_and_saved_state_work_without_root()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, root, "parts",
            "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm><graphics type='vnc'><listen type='socket'/></graphics>");
        await guest.BootAsync();
        Assert.All(GuestProcesses.Below(root), process => Assert.Equal(
            string.Join(' ', Enumerable.Repeat(SeparateUser.Account.User, 4)), GuestProcess.Status(process, "Uid")));
        Assert.Contains(GuestProcesses.Below(root), process => GuestProcess.ProgramOf(process) == "swtpm");
        Assert.Equal("2", (await guest.ShellAsync("cat /sys/class/tpm/tpm0/tpm_version_major")).Trim());
        string run = $"{root}/run/virt/qemu/{guest.Uuid:D}";
        string display = Assert.Single(Directory.GetFiles($"{run}/qemu", "*.sock"));
        using (var viewer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await viewer.ConnectAsync(new UnixDomainSocketEndPoint(display), Cancel);
            var greeting = new byte[4];
            await viewer.ReceiveAsync(greeting, Cancel);
            Assert.Equal("RFB "u8.ToArray(), greeting);
        }

        await guest.ShellAsync("echo still here >/tmp/mark");
        await connection.Hypervisor.SaveDomainAsync(guest.Uuid, Cancel);
        Assert.Equal("0:0 600", SeparateUser.Of($"{root}/var/lib/virt/qemu/save/parts.save"));
        Assert.Equal("0:0 600", SeparateUser.Of($"{root}/var/lib/virt/qemu/save/parts.mem"));
        guest.Disconnect();
        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        Assert.Equal("still here", await guest.ShellAsync("cat /tmp/mark"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(GuestProcesses.Below(root));
    }

    [Fact]
    public async Task A_shared_folder_works_although_qemu_is_not_root()
    {
        Assert.SkipUnless(VirtiofsPrograms.Find() is not null && Environment.IsPrivilegedProcess, "virtiofsd needs to be installed, and root");
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string share = Directory.CreateDirectory(Path.Combine(daemon.Root, "share")).FullName;
        await File.WriteAllTextAsync(Path.Combine(share, "from-host"), "written by the host\n", Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "shares",
            $"<filesystem><driver type='virtiofs'/><source dir='{share}'/><target dir='share'/></filesystem>",
            xml => xml.Replace("<vcpu>", "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking><vcpu>", StringComparison.Ordinal));
        await guest.BootAsync();
        Assert.Equal("written by the host", (await guest.ShellAsync("mkdir -p /mnt && mount -t virtiofs share /mnt && cat /mnt/from-host")).Trim());
    }

    [Theory]
    [InlineData("link")]
    [InlineData("hard link")]
    [InlineData("set-user-id")]
    [InlineData("folder of the host")]
    public async Task A_file_that_somebody_put_there_to_get_at_another_is_not_given(string trick)
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string secret = $"{daemon.Root}/secret";
        await File.WriteAllTextAsync(secret, new string('s', 4096), Cancel);
        SeparateUser.Own(secret);
        string mine = Directory.CreateDirectory($"{daemon.Root}/mine").FullName;
        string image = $"{mine}/disk.raw";
        switch (trick)
        {
            case "link":
                File.CreateSymbolicLink(image, secret);
                using (var link = HostPath.TryOpen(image)!)
                    Assert.Equal(0, FileOwner.Set(link, 1000, 1000));
                break;
            case "hard link":
                await RunAsync("ln", secret, image);
                break;
            case "set-user-id":
                image = secret;
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.SetUser);
                break;
            default:
                secret = image = $"{daemon.Root}/etc/virt/virtd.json";
                SeparateUser.Own(secret);
                break;
        }

        using (HostPath folder = HostPath.Find(mine)!)
            Assert.Equal(0, FileOwner.Set(folder.File, 1000, 1000));
        SeparateUser.Let(mine);
        string before = SeparateUser.Of(secret);
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.CreateDomainAsync(
            Small("trick", Disk("raw", image)), StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
        Assert.Equal(before, SeparateUser.Of(secret));
    }

    private static string Disk(string format, string path, string target = "vda") =>
        $"<disk type='file' device='disk'><driver name='qemu' type='{format}'/><source file='{path}'/><target dev='{target}' bus='virtio'/></disk>";

    private static string Small(string name, string devices) => $"""
        <domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
        <os><type machine='q35'>hvm</type></os><devices>{devices}</devices></domain>
        """;

    private static void Kill(string root, Guid uuid)
    {
        int process = GuestProcesses.Below(root).First(process => File.ReadAllText($"/proc/{process}/cmdline").Contains(uuid.ToString("D"), StringComparison.Ordinal));
        using var qemu = Process.GetProcessById(process);
        qemu.Kill();
        qemu.WaitForExit(10_000);
    }

    private static async Task EndedAsync(VirtConnection connection, Guid uuid, Action end)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using IAsyncDisposable events = await connection.Hypervisor.SubscribeDomainEventsAsync(
            change =>
            {
                if (change.Kind == DomainEventKind.Stopped && change.Domain.Uuid == uuid)
                    ended.TrySetResult();
            }, Cancel);
        end();
        await ended.Task.WaitAsync(Patience, Cancel);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }
}
