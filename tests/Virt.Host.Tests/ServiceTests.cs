using System.Globalization;
using System.Text.RegularExpressions;
using Virt.Connections;
using Virt.Domains;

namespace Virt.Tests.Host;

/// <summary>virtd.service as the package brings it: how tight it is, and that guests live under it.</summary>
public sealed partial class ServiceTests(InstalledHost installed) : IClassFixture<InstalledHost>
{
    private const double MostExposure = 5.0;

    // CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_MKNOD.
    private const ulong DeniedCapabilities = 1UL << 16 | 1UL << 17 | 1UL << 27;

    private TestHost Host => installed.Host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_is_exposed_as_little_as_its_work_allows()
    {
        string report = await Host.RunAsync("LC_ALL=C systemd-analyze security --no-pager virtd.service");

        Assert.True(double.Parse(Exposure().Match(report).Groups[1].Value, CultureInfo.InvariantCulture) <= MostExposure, report);
        Assert.Equal("running", await Host.RunAsync("systemctl is-system-running"));
    }

    [Fact]
    public async Task A_guest_with_disk_network_and_tpm_runs_on_over_a_restart_and_an_upgrade_and_is_saved()
    {
        await Host.RunAsync("mkdir -m 711 -p /home/vm && ip link add br0 type bridge && ip link set br0 up");
        await using VirtConnection connection = await Host.ConnectAsync();
        ButtonGuest guest = await ButtonGuest.DefineAsync(
            Host, connection, "full", "/home/vm",
            "<interface type='bridge'><source bridge='br0'/></interface><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>");
        await guest.BootAsync(connection);
        Assert.Equal(ButtonGuest.Written, await Host.RunAsync($"dd if=/home/vm/full.img bs=512 skip=1 count=1 status=none | head -c {ButtonGuest.Written.Length}"));
        Assert.Equal("1", await Host.RunAsync("ls /sys/class/net/br0/brif | wc -l"));
        string process = await Host.RunAsync(Find("qemu-system", "guest=full"));
        Assert.Matches("machine.slice/virt-[0-9]+-", await Host.RunAsync($"cat /proc/{process}/cgroup"));
        string tpm = await Host.RunAsync("pidof swtpm");

        await Host.RunAsync("systemctl restart virtd.service");
        await Host.RunAsync("dpkg -i /root/virt.deb");
        await using VirtConnection later = await Host.ConnectAsync();
        Assert.Equal(DomainState.Running, (await later.Hypervisor.GetDomainByUuidAsync(guest.Uuid, Cancel)).State);
        Assert.Equal(process, await Host.RunAsync(Find("qemu-system", "guest=full")));
        Assert.Equal(tpm, await Host.RunAsync("pidof swtpm"));

        await later.Hypervisor.SaveDomainAsync(guest.Uuid, Cancel);
        await later.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        await guest.PressAsync(later);
    }

    [Fact]
    public async Task Nobody_below_it_makes_device_files_and_a_QEMU_sees_no_process_of_others()
    {
        await Host.RunAsync("mkdir -p /home/share");
        await using VirtConnection connection = await Host.ConnectAsync();
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            """
            <domain type='qemu'>
              <name>sharing</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
              <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
              <os><type machine='q35'>hvm</type></os>
              <devices><filesystem><driver type='virtiofs'/><source dir='/home/share'/><target dir='share'/></filesystem></devices>
            </domain>
            """,
            DefineOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);

        string process = await Host.RunAsync(Find("qemu-system", "guest=sharing"));
        string[] bounds = (await Host.RunAsync($"for p in $(pidof virtd virtiofsd) {process}; do sed -n 's/CapBnd:.//p' /proc/$p/status; done")).Split('\n');
        // virtiofsd is two.
        Assert.Equal(4, bounds.Length);
        Assert.All(bounds, bound => Assert.Equal(0UL, ulong.Parse(bound, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & DeniedCapabilities));
        string[] user = (await Host.RunAsync($"stat -c '%u %g' /proc/{process}")).Split(' ');
        Assert.NotEqual("0", user[0]);
        // The way QEMU sees the host: only what runs as its own user.
        string seen = await Host.RunAsync($"nsenter -t {process} -m setpriv --reuid={user[0]} --regid={user[1]} --clear-groups sh -c 'echo /proc/[0-9]*'");
        Assert.Contains($"/proc/{process}", seen.Split(' '));
        Assert.DoesNotContain("/proc/1", seen.Split(' '));
        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_QEMU_runs_in_the_AppArmor_profile_of_guests_which_denies_what_a_user_id_may_not()
    {
        await using VirtConnection connection = await Host.ConnectAsync();
        ButtonGuest guest = await ButtonGuest.DefineAsync(Host, connection, "profiled");
        await guest.BootAsync(connection);
        string process = await Host.RunAsync(Find("qemu-system", "guest=profiled"));
        Assert.Equal("virt-guest (enforce)", await Host.RunAsync($"cat /proc/{process}/attr/current"));
        Assert.Equal("0 0", await Host.RunAsync($"awk '/^Max core file size/ {{ print $5, $6 }}' /proc/{process}/limits"));
        await guest.PressAsync(connection);

        // As root, for whom nothing else would deny it.
        foreach (string attack in (string[])[
            "open('/etc/virt/virtd.json')", "open('/etc/shadow')", "open('/usr/bin/env', 'r+b')", "open('/proc/sys/kernel/core_pattern', 'w')",
            "os.execv('/bin/true', ['true'])", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "os.setuid(1)",
            "os.kill(1, 0)"])
        {
            string script = $"import os, socket; {attack}";
            Outcome free = await Host.TryAsync($"python3 -c \"{script}\""), held = await Host.TryAsync($"aa-exec -p virt-guest -- python3 -c \"{script}\"");
            Assert.True(free.ExitCode == 0, $"{attack}: {free.Error}");
            Assert.True(held.Error.Contains("PermissionError", StringComparison.Ordinal), $"{attack}: {held.ExitCode} {held.Error}");
        }
    }

    // By the program's name: the shell that looks has the text in its arguments as well.
    private static string Find(string program, string argument) => $"for p in $(pgrep {program}); do grep -aq '{argument}' /proc/$p/cmdline && echo $p; done; true";

    [GeneratedRegex(@"Overall exposure level for virtd\.service: ([0-9.]+)")]
    private static partial Regex Exposure();
}
