using System.Net.Sockets;
using System.Xml.Linq;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Devices as the guest sees them, with the processes that serve them.</summary>
public sealed class DeviceGuestTests
{
    private const string Tpm = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shared_folder_is_read_and_written_from_both_sides()
    {
        Assert.SkipUnless(VirtiofsPrograms.Find() is not null && Environment.IsPrivilegedProcess, "virtiofsd needs to be installed, and root");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string share = Directory.CreateDirectory(Path.Combine(daemon.Root, "share")).FullName;
        await File.WriteAllTextAsync(Path.Combine(share, "from-host"), "written by the host\n", Cancel);
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "shares",
            $"<filesystem><driver type='virtiofs'/><source dir='{share}'/><target dir='share'/></filesystem>",
            xml => xml.Replace("<vcpu>", "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking><vcpu>", StringComparison.Ordinal));
        await guest.BootAsync();

        Assert.Equal("written by the host", (await guest.ShellAsync("mkdir -p /mnt && mount -t virtiofs share /mnt && cat /mnt/from-host")).Trim());
        // A device file there would be the host's device to whoever opens it on the host.
        Assert.Equal("1", (await guest.ShellAsync("mkfifo /mnt/pipe && rm /mnt/pipe && { mknod /mnt/disk b 254 0 2>/dev/null; echo $?; }")).Trim());
        await guest.ShellAsync("echo written by the guest >/mnt/from-guest && umount /mnt");
        Assert.Equal("written by the guest\n", await File.ReadAllTextAsync(Path.Combine(share, "from-guest"), Cancel));

        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(GuestProcesses.Below(daemon.Root));
    }

    [Fact]
    public async Task An_emulated_tpm_keeps_what_it_measured_when_the_guest_is_saved_and_goes_with_the_definition()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "tpm", Tpm);
        await guest.BootAsync();
        string state = Path.Combine(daemon.Root, "var/lib/virt/qemu/swtpm", guest.Uuid.ToString("D"));

        Assert.Equal("2", (await guest.ShellAsync("cat /sys/class/tpm/tpm0/tpm_version_major")).Trim());
        string measured = await guest.ShellAsync("cat /sys/class/tpm/tpm0/pcr-sha256/0 /sys/class/tpm/tpm0/pcr-sha256/4");
        Assert.True(measured.Trim().Length >= 128, measured);
        Assert.True(Directory.Exists(Path.Combine(state, "tpm2")));

        await connection.Hypervisor.SaveDomainAsync(guest.Uuid, Cancel);
        Assert.Empty(GuestProcesses.Below(daemon.Root));
        guest.Disconnect();
        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        Assert.Equal(measured, await guest.ShellAsync("cat /sys/class/tpm/tpm0/pcr-sha256/0 /sys/class/tpm/tpm0/pcr-sha256/4"));

        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(GuestProcesses.Below(daemon.Root));
        await connection.Hypervisor.UndefineDomainAsync(guest.Uuid, UndefineOptions.None, Cancel);
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public async Task A_daemon_that_is_back_ends_the_helpers_of_guests_that_it_took_over()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        Guid uuid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            DomainRecord domain = await connection.Hypervisor.CreateDomainAsync(
                $"<domain type='qemu'><name>fleeting</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os><devices>{Tpm}</devices></domain>",
                StartOptions.None, Cancel);
            uuid = domain.Uuid;
            await daemon.KillAsync();
        }

        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        string state = Path.Combine(daemon.Root, "var/lib/virt/qemu/swtpm", uuid.ToString("D"));
        Assert.True(Directory.Exists(state));
        await again.Hypervisor.DestroyDomainAsync(uuid, DestroyOptions.None, Cancel);
        Assert.Empty(GuestProcesses.Below(daemon.Root));
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public async Task Four_serial_ports_and_a_watchdog_are_seen_and_used()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(
            connection, daemon.Root, "ports",
            $"""
            <serial type='unix'><source mode='bind' path='{daemon.Root}/third'/></serial>
            <serial type='file'><source path='{daemon.Root}/fourth.log'/></serial>
            <watchdog model='i6300esb' action='pause'/>
            """);
        await guest.BootAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{daemon.Root}/third"), Cancel);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);

        await guest.ShellAsync("for n in 2 3; do stty -F /dev/ttyS$n raw -echo; echo port $n >/dev/ttyS$n; done");
        Assert.Equal("port 2", await reader.ReadLineAsync(Cancel));
        Assert.Equal("port 3\n", await File.ReadAllTextAsync($"{daemon.Root}/fourth.log", Cancel));
        Task<string> heard = guest.ShellAsync("exec 3</dev/ttyS2; echo listening >/dev/ttyS2; head -n1 <&3");
        Assert.Equal("listening", await reader.ReadLineAsync(Cancel));
        await stream.WriteAsync("to the guest\n"u8.ToArray(), Cancel);
        Assert.Equal("to the guest", (await heard).Trim());

        string seen = await guest.ShellAsync("cat /sys/bus/pci/devices/*/device");
        Assert.Contains("0x25ab", seen, StringComparison.Ordinal);
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_watchdog_that_dumps_leaves_the_memory_of_a_guest_that_runs_on()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "dog", "<watchdog model='i6300esb' action='dump'/>");
        await guest.BootAsync();
        await using EventRecorder events = await EventRecorder.StartAsync(connection.Hypervisor, guest.Uuid);

        // Both of its timers are set to a millisecond (each write must be unlocked by 0x80, 0x86), then it is enabled.
        string fired = await guest.ShellAsync(
            "cd /sys/bus/pci/devices/$(grep -l 0x25ab /sys/bus/pci/devices/*/device | cut -d/ -f6); echo 1 >enable; read -r bar rest <resource; "
            + "for timer in 0 4; do for key in 0x80 0x86; do devmem $((bar + 12)) 16 $key; done; devmem $((bar + timer)) 32 1; done; "
            + "printf '\\002' | dd of=config bs=1 seek=104 conv=notrunc 2>&1");
        Assert.DoesNotContain("not found", fired, StringComparison.Ordinal);
        (IReadOnlyList<string> seen, _) = await events.UntilAsync(DomainEventKind.Resumed);

        Assert.Contains("Suspended/Watchdog", seen);
        FileInfo dump = Assert.Single(new DirectoryInfo(Path.Combine(daemon.Root, "var/lib/virt/qemu/dump")).GetFiles());
        Assert.True(dump.Length > 64 << 20, $"{dump.Length} bytes");
        Assert.Equal("pong", await guest.AskAsync("ping"));
        await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_vnc_password_lets_in_who_knows_it()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.CreateDomainAsync(
            "<domain type='qemu'><name>seen</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os>"
            + "<devices><graphics type='vnc' passwd='s3cret'/></devices></domain>",
            StartOptions.None, Cancel);
        XElement graphics = XElement.Parse(await connection.Hypervisor.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel)).Descendants("graphics").Single();
        Assert.Null(graphics.Attribute("passwd"));
        int port = (int)graphics.Attribute("port")!;

        Assert.True(await VncLogin.TryAsync(port, "s3cret", Cancel));
        Assert.False(await VncLogin.TryAsync(port, "secret", Cancel));
        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }
}
