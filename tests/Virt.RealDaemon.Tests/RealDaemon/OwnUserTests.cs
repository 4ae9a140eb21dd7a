using System.Diagnostics;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Each guest of a real virtd is a user of its own: none gets at anything of another, and no id is lost or given twice.</summary>
public sealed partial class OwnUserTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_of_one_guest_gets_at_nothing_of_another()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        (VirtdProcess daemon, uint first) = await OwnUsers.StartAsync(16);
        await using VirtdProcess owned = daemon;
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord a = await DefineFullAsync(daemon, connection, "a"), b = await DefineFullAsync(daemon, connection, "b"), saved = await DefineFullAsync(daemon, connection, "saved");
        foreach (DomainRecord guest in (DomainRecord[])[a, b, saved])
            await host.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        await host.SaveDomainAsync(saved.Uuid, Cancel);
        // A disk of a guest that is off is as its owner left it.
        SeparateUser.Own($"{daemon.Root}/saved.raw");

        int own = OwnUsers.QemuOf(daemon, a.Uuid), other = OwnUsers.QemuOf(daemon, b.Uuid);
        Assert.NotEqual(OwnUsers.UserOf(own), OwnUsers.UserOf(other));
        Assert.NotEqual(GuestProcess.Status(own, "Gid"), GuestProcess.Status(other, "Gid"));
        foreach (DomainRecord guest in (DomainRecord[])[a, b])
        {
            // The emulator of its TPM is the guest's too.
            Assert.Equal(2, OwnUsers.ProcessesOf(daemon, guest.Uuid).Count());
            Assert.Equal(OwnUsers.UserOf(daemon, guest.Uuid), Assert.Single(OwnUsers.ProcessesOf(daemon, guest.Uuid).Select(OwnUsers.UserOf).Distinct()));
        }

        // What is tried can be had: by the guest itself.
        IReadOnlyList<string> mine = await OwnUsers.ReachAsync(daemon, own, own, [.. OwnUsers.PathsOf(daemon, a), await TerminalAsync(host, a)]);
        string state = $"{daemon.Root}/var/lib/virt/qemu";
        foreach (string thing in (string[])["traced", "memory", "descriptor", "signal", $"write {daemon.Root}/a.raw", $"read {state}/nvram/a_VARS.fd", $"list {state}/swtpm/{a.Uuid:D}/tpm2", $"list {state}/ram/{a.Uuid:D}", $"list {daemon.Root}/run/virt/qemu/{a.Uuid:D}/qemu", $"write {await TerminalAsync(host, a)}"])
            Assert.Contains(thing, mine);

        int[] processes = [.. OwnUsers.ProcessesOf(daemon, b.Uuid)];
        foreach (int process in processes)
            Assert.Empty(await OwnUsers.ReachAsync(daemon, own, process, [.. OwnUsers.PathsOf(daemon, b), .. OwnUsers.PathsOf(daemon, saved), await TerminalAsync(host, b)]));
        Assert.Contains($"{state}/save/saved.mem", OwnUsers.PathsOf(daemon, saved));

        foreach (DomainRecord guest in (DomainRecord[])[a, b])
            await host.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(OwnUsers.LeftTo(daemon.Root, first, 16));
        Assert.Equal("0:0 644", SeparateUser.Of($"{daemon.Root}/b.raw"));
    }

    [Fact]
    public async Task Ids_that_are_all_taken_are_said_and_each_is_free_again_when_its_guest_has_ended()
    {
        (VirtdProcess daemon, uint first) = await OwnUsers.StartAsync(2);
        await using VirtdProcess owned = daemon;
        DomainRecord[] guests;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            guests = [await OwnUsers.DefineAsync(connection, "a"), await OwnUsers.DefineAsync(connection, "b"), await OwnUsers.DefineAsync(connection, "c")];
            await connection.Hypervisor.StartDomainAsync(guests[0].Uuid, StartOptions.None, Cancel);
            await connection.Hypervisor.StartDomainAsync(guests[1].Uuid, StartOptions.None, Cancel);
            Assert.Equal([first, first + 1], guests[..2].Select(guest => OwnUsers.UserOf(daemon, guest.Uuid)).Order());
            VirtException none = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(guests[2].Uuid, StartOptions.None, Cancel).AsTask());
            Assert.Equal(VirtErrorCode.ResourceBusy, none.Code);
            Assert.Contains($"none of the 2 user ids for guests ({first}-{first + 1}) is free", none.Message, StringComparison.Ordinal);
            Assert.Contains("qemu.userIds", none.RecommendedAction, StringComparison.Ordinal);

            await connection.Hypervisor.DestroyDomainAsync(guests[0].Uuid, DestroyOptions.None, Cancel);
            await connection.Hypervisor.StartDomainAsync(guests[2].Uuid, StartOptions.None, Cancel);
        }

        // A guest that ends while no virtd is there gives its id back too; one that runs on keeps it.
        await daemon.KillAsync();
        Kill(OwnUsers.QemuOf(daemon, guests[1].Uuid));
        uint kept = OwnUsers.UserOf(daemon, guests[2].Uuid);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        await again.Hypervisor.StartDomainAsync(guests[0].Uuid, StartOptions.None, Cancel);
        Assert.Equal(kept, OwnUsers.UserOf(daemon, guests[2].Uuid));
        Assert.NotEqual(kept, OwnUsers.UserOf(daemon, guests[0].Uuid));
        await Assert.ThrowsAnyAsync<VirtException>(() => again.Hypervisor.StartDomainAsync(guests[1].Uuid, StartOptions.None, Cancel).AsTask());
    }

    [Fact]
    public async Task Kills_of_virtd_around_starts_lose_no_id_and_give_none_twice()
    {
        const int Guests = 3;
        (VirtdProcess daemon, uint first) = await OwnUsers.StartAsync(Guests);
        await using VirtdProcess owned = daemon;
        var guests = new List<DomainRecord>();
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            foreach (string name in (string[])["a", "b", "c"])
            {
                await Images.RunAsync("create", "-q", "-f", "raw", $"{daemon.Root}/{name}.raw", "1M");
                guests.Add(await OwnUsers.DefineAsync(connection, name, OwnUsers.Disk($"{daemon.Root}/{name}.raw")));
            }
        }

        for (int round = 0; round < 10; round++)
        {
            await using (VirtConnection connection = await daemon.ConnectAsync())
            {
                Task[] calls = [.. guests.Select(guest => ToggleAsync(connection.Hypervisor, guest))];
                await Task.Delay(Random.Shared.Next(120), Cancel);
                await daemon.KillAsync();
                await Task.WhenAll(calls);
            }

            await daemon.StartAgainAsync();
            AssertApart(daemon, guests, first, Guests);
        }

        await using VirtConnection last = await daemon.ConnectAsync();
        foreach (DomainRecord guest in await last.Hypervisor.ListDomainsAsync(new DomainFilter(Active: true), Cancel))
            await last.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(OwnUsers.LeftTo(daemon.Root, first, Guests));
        await Task.WhenAll(guests.Select(guest => last.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel).AsTask()));
        AssertApart(daemon, guests, first, Guests);
        Assert.Equal(Guests, guests.Select(guest => OwnUsers.UserOf(daemon, guest.Uuid)).Distinct().Count());
    }

    [Fact]
    public async Task What_a_host_that_stopped_has_left_is_roots_before_another_guest_has_the_id()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        (VirtdProcess daemon, uint first) = await OwnUsers.StartAsync(1);
        await using VirtdProcess owned = daemon;
        DomainRecord guest, next;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            guest = await DefineFullAsync(daemon, connection, "a");
            next = await OwnUsers.DefineAsync(connection, "b");
            await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        }

        await daemon.KillAsync();
        foreach (int process in OwnUsers.ProcessesOf(daemon, guest.Uuid).ToArray())
            Kill(process);
        Assert.NotEmpty(OwnUsers.LeftTo(daemon.Root, first, 1));
        // As after a boot: nothing of /run is there.
        Directory.Delete($"{daemon.Root}/run", recursive: true);
        await daemon.StartAgainAsync();
        Assert.Empty(OwnUsers.LeftTo(daemon.Root, first, 1));
        await using VirtConnection again = await daemon.ConnectAsync();
        await again.Hypervisor.StartDomainAsync(next.Uuid, StartOptions.None, Cancel);
        Assert.Equal(first, OwnUsers.UserOf(daemon, next.Uuid));
    }

    [Fact]
    public async Task What_guests_of_one_user_have_left_is_taken_over_by_guests_of_their_own()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        DomainRecord runs, saved;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            runs = await DefineFullAsync(daemon, connection, "a");
            saved = await DefineFullAsync(daemon, connection, "saved");
            foreach (DomainRecord guest in (DomainRecord[])[runs, saved])
                await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
            await connection.Hypervisor.SaveDomainAsync(saved.Uuid, Cancel);
        }

        // As versions left them that did not take them back.
        await RunAsync("chown", "-R", SeparateUser.Name, $"{daemon.Root}/var/lib/virt/qemu/swtpm/{saved.Uuid:D}", $"{daemon.Root}/var/lib/virt/qemu/nvram/saved_VARS.fd", $"{daemon.Root}/var/lib/virt/qemu/ram");
        await daemon.StopAsync();
        uint first = 0x7e00_0000 + (uint)Random.Shared.Next(0xff_0000);
        await File.WriteAllTextAsync($"{daemon.Root}/etc/virt/virtd.json", OwnUsers.Config(first, 8), Cancel);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.Equal(SeparateUser.Account.User, OwnUsers.UserOf(daemon, runs.Uuid));
        await Images.RunAsync("create", "-q", "-f", "raw", $"{daemon.Root}/medium.iso", "1M");
        SeparateUser.Own($"{daemon.Root}/medium.iso", 5, 6);
        await again.Hypervisor.UpdateDeviceAsync(runs.Uuid, Drive($"<source file='{daemon.Root}/medium.iso'/>"), ChangeScope.Live, Cancel);
        Assert.Equal($"5:6 640 +{SeparateUser.Account.User}:r", SeparateUser.Of($"{daemon.Root}/medium.iso"));

        await again.Hypervisor.StartDomainAsync(saved.Uuid, StartOptions.None, Cancel);
        Assert.InRange(OwnUsers.UserOf(daemon, saved.Uuid), first, first + 7);
        await again.Hypervisor.DestroyDomainAsync(runs.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("0:0 644", SeparateUser.Of($"{daemon.Root}/a.raw"));
        await again.Hypervisor.StartDomainAsync(runs.Uuid, StartOptions.None, Cancel);
        Assert.InRange(OwnUsers.UserOf(daemon, runs.Uuid), first, first + 7);
        Assert.Equal(2, OwnUsers.ProcessesOf(daemon, runs.Uuid).Count());
    }

    [Fact]
    public async Task The_check_tells_of_the_ids()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run guests as other users");
        string root = Directory.CreateTempSubdirectory("check-").FullName;
        try
        {
            Directory.CreateDirectory($"{root}/etc/virt");
            await File.WriteAllTextAsync($"{root}/etc/virt/virtd.json", OwnUsers.Config(2130000000, 10), Cancel);
            (_, string output, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("check", "--root", root));
            Assert.Contains("each guest runs as a user id of its own, of 2130000000-2130000009", output, StringComparison.Ordinal);
            await File.WriteAllTextAsync($"{root}/etc/virt/virtd.json", """{ "qemu": { "user": "nobody", "userIds": { "count": 3 } } }""", Cancel);
            (int code, output, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("check", "--root", root));
            Assert.Equal(1, code);
            Assert.Contains("qemu.user and qemu.userIds are both set", output, StringComparison.Ordinal);

            // In a container that has no other user than root.
            await File.WriteAllTextAsync($"{root}/etc/virt/virtd.json", OwnUsers.Config(2130000000, 10), Cancel);
            ProcessStartInfo inside = VirtdProcess.Command("--user", "--map-root-user", VirtdProcess.Command().FileName, "check", "--root", root);
            inside.FileName = "/usr/bin/unshare";
            (code, output, _) = await VirtdProcess.RunAsync(inside);
            Assert.Equal(1, code);
            Assert.Contains("there are no user ids 2130000000-2130000009", output, StringComparison.Ordinal);
            Assert.Contains("uid_map", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // With all that a guest can have of the host.
    private static async Task<DomainRecord> DefineFullAsync(VirtdProcess daemon, VirtConnection connection, string name)
    {
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/{name}.raw", "1M");
        File.SetUnixFileMode($"{root}/{name}.raw", (UnixFileMode)0x1a4);
        return await connection.Hypervisor.DefineDomainAsync(
            $"""
            <domain type='qemu'><name>{name}</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
            <memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>
            <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
            <devices>{OwnUsers.Disk($"{root}/{name}.raw")}{Drive("")}
              <serial type='pty'/>
              <serial type='file'><source path='{root}/{name}.serial'/><target port='1'/></serial>
              <channel type='unix'><source mode='bind' path='{root}/{name}.channel'/><target type='virtio' name='x'/></channel>
              <channel type='unix'><target type='virtio' name='y'/></channel>
              <graphics type='vnc'><listen type='socket'/></graphics>
              <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
            </devices></domain>
            """, DefineOptions.None, Cancel);
    }

    private static string Shared(string name) => $"<shmem name='{name}'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>";

    // A file that only virtd's processes see by its path.
    private static async Task<string> StatAsync(string path)
    {
        (_, string output, _) = await VirtdProcess.RunAsync(new ProcessStartInfo("stat", ["-c", "%u:%g %a", path])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        });
        return output.Trim();
    }

    private static string Drive(string source) =>
        $"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>{source}<target dev='sda' bus='sata'/><readonly/></disk>";

    private static async Task<string> TerminalAsync(IHypervisorDriver host, DomainRecord guest) =>
        System.Text.RegularExpressions.Regex.Match(await host.GetDomainXmlAsync(guest.Uuid, XmlOptions.None, Cancel), "/dev/pts/[0-9]+").Value;

    private static IEnumerable<string?> Descriptors(int process) =>
        Directory.EnumerateFiles($"/proc/{process}/fd").Select(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName);

    // Starts a guest that is off, and ends one that runs, unless virtd ends before.
    private static async Task ToggleAsync(IHypervisorDriver host, DomainRecord guest)
    {
        try
        {
            if ((await host.GetDomainByUuidAsync(guest.Uuid, Cancel)).IsActive)
                await host.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
            else
                await host.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        }
        catch (VirtException)
        {
            // It was killed meanwhile.
        }
    }

    private static void AssertApart(VirtdProcess daemon, IEnumerable<DomainRecord> guests, uint first, uint count)
    {
        uint[] users = [.. guests.SelectMany(guest => OwnUsers.ProcessesOf(daemon, guest.Uuid).Select(OwnUsers.UserOf).Distinct())];
        Assert.Equal(users.Distinct(), users);
        Assert.All(users, user => Assert.InRange(user, first, first + count - 1));
    }

    private static void Kill(int process)
    {
        using var victim = Process.GetProcessById(process);
        victim.Kill();
        victim.WaitForExit(10_000);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }
}
