using System.Diagnostics;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

// Files that several guests have at once.
public sealed partial class OwnUserTests
{
    [Fact]
    public async Task A_disk_and_an_image_below_disks_are_two_guests_at_once_and_nobody_elses()
    {
        (VirtdProcess daemon, uint first) = await OwnUsers.StartAsync(16);
        await using VirtdProcess owned = daemon;
        await using VirtConnection connection = await daemon.ConnectAsync();
        string root = daemon.Root;
        await Images.RunAsync("create", "-q", "-f", "qcow2", $"{root}/base.qcow2", "16M");
        await Images.RunAsync("create", "-q", "-f", "raw", $"{root}/shared.raw", "1M");
        SeparateUser.Own($"{root}/base.qcow2", 7, 8);
        SeparateUser.Own($"{root}/shared.raw", 5, 6);
        var guests = new List<DomainRecord>();
        foreach (string name in (string[])["a", "b"])
        {
            await Images.RunAsync("create", "-q", "-f", "qcow2", "-b", $"{root}/base.qcow2", "-F", "qcow2", $"{root}/{name}.qcow2");
            guests.Add(await OwnUsers.DefineAsync(
                connection, name,
                OwnUsers.Disk($"{root}/{name}.qcow2", format: "qcow2") + OwnUsers.Disk($"{root}/shared.raw", "<shareable/>", target: "vdb")));
            await connection.Hypervisor.StartDomainAsync(guests[^1].Uuid, StartOptions.None, Cancel);
        }

        DomainRecord stranger = await OwnUsers.DefineAsync(connection, "c");
        await connection.Hypervisor.StartDomainAsync(stranger.Uuid, StartOptions.None, Cancel);
        uint[] users = [.. guests.Select(guest => OwnUsers.UserOf(daemon, guest.Uuid)).Order()];
        Assert.Equal($"7:8 640 +{users[0]}:r +{users[1]}:r", SeparateUser.Of($"{root}/base.qcow2"));
        Assert.Equal($"5:6 660 +{users[0]}:rw +{users[1]}:rw", SeparateUser.Of($"{root}/shared.raw"));
        Assert.Empty(await OwnUsers.ReachAsync(daemon, OwnUsers.QemuOf(daemon, stranger.Uuid), OwnUsers.QemuOf(daemon, guests[0].Uuid), [$"{root}/base.qcow2", $"{root}/shared.raw", $"{root}/a.qcow2"]));
        foreach (DomainRecord guest in guests)
            Assert.Contains(Descriptors(OwnUsers.QemuOf(daemon, guest.Uuid)), path => path == $"{root}/shared.raw");

        // One that wants it alone does not get it.
        DomainRecord alone = await OwnUsers.DefineAsync(connection, "alone", OwnUsers.Disk($"{root}/shared.raw"));
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(alone.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains("in use by another guest", refused.Message, StringComparison.Ordinal);
        Assert.Contains("<shareable/>", refused.RecommendedAction, StringComparison.Ordinal);

        await connection.Hypervisor.DestroyDomainAsync(guests[0].Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(2, SeparateUser.Of($"{root}/base.qcow2").Split('+').Length);
        await connection.Hypervisor.DestroyDomainAsync(guests[1].Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("7:8 600", SeparateUser.Of($"{root}/base.qcow2"));
        Assert.Equal("5:6 600", SeparateUser.Of($"{root}/shared.raw"));
        Assert.NotEmpty(OwnUsers.LeftTo(daemon.Root, first, 16));
        await connection.Hypervisor.DestroyDomainAsync(stranger.Uuid, DestroyOptions.None, Cancel);
        Assert.Empty(OwnUsers.LeftTo(daemon.Root, first, 16));
    }

    [Fact]
    public async Task Without_access_control_lists_an_image_is_one_guests_at_a_time_unless_all_may_read_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/unshare"), "unshare is not installed");
        string mounted = Directory.CreateTempSubdirectory("mounted-").FullName;
        try
        {
            (VirtdProcess daemon, _) = await OwnUsers.StartAsync(
                16, ["/usr/bin/unshare", "-m", "sh", "-c", $"mount -t ramfs none {mounted} && chmod 755 {mounted} && exec \"$@\"", "sh"]);
            await using VirtdProcess owned = daemon;
            await using VirtConnection connection = await daemon.ConnectAsync();
            string image = $"{mounted}/image.iso", seen = $"/proc/{daemon.ProcessId}/root{image}";
            await File.WriteAllBytesAsync(seen, new byte[1 << 20], Cancel);
            File.SetUnixFileMode(seen, (UnixFileMode)0x180);
            var guests = new List<DomainRecord>();
            foreach (string name in (string[])["a", "b"])
                guests.Add(await OwnUsers.DefineAsync(connection, name, Drive($"<source file='{image}'/>")));
            await connection.Hypervisor.StartDomainAsync(guests[0].Uuid, StartOptions.None, Cancel);
            Assert.Equal($"0:{OwnUsers.UserOf(daemon, guests[0].Uuid)} 640", await StatAsync(seen));
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(guests[1].Uuid, StartOptions.None, Cancel).AsTask());
            Assert.Contains("keeps no access control lists", refused.Message, StringComparison.Ordinal);
            Assert.Equal($"0:{OwnUsers.UserOf(daemon, guests[0].Uuid)} 640", await StatAsync(seen));
            await connection.Hypervisor.DestroyDomainAsync(guests[0].Uuid, DestroyOptions.None, Cancel);
            Assert.Equal("0:0 600", await StatAsync(seen));
            File.SetUnixFileMode(seen, (UnixFileMode)0x1a4);
            foreach (DomainRecord guest in guests)
                await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        }
        finally
        {
            Directory.Delete(mounted);
        }
    }

    [Fact]
    public async Task Memory_that_guests_share_is_made_for_them_and_nobody_elses_is_opened()
    {
        (VirtdProcess daemon, _) = await OwnUsers.StartAsync(16);
        await using VirtdProcess owned = daemon;
        await using VirtConnection connection = await daemon.ConnectAsync();
        string name = $"virt-{Guid.NewGuid():N}", memory = $"/dev/shm/{name}", secret = $"/dev/shm/secret-{name}";
        try
        {
            await File.WriteAllTextAsync(secret, new string('s', 1 << 20), Cancel);
            SeparateUser.Own(secret);
            var guests = new List<DomainRecord>();
            foreach (string guest in (string[])["a", "b"])
            {
                guests.Add(await OwnUsers.DefineAsync(connection, guest, Shared(name)));
                await connection.Hypervisor.StartDomainAsync(guests[^1].Uuid, StartOptions.None, Cancel);
            }

            foreach (DomainRecord guest in guests)
                Assert.Contains(memory, await File.ReadAllTextAsync($"/proc/{OwnUsers.QemuOf(daemon, guest.Uuid)}/maps", Cancel), StringComparison.Ordinal);
            DomainRecord thief = await OwnUsers.DefineAsync(connection, "c", Shared($"secret-{name}"));
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(thief.Uuid, StartOptions.None, Cancel).AsTask());
            Assert.Contains("virtd did not make it", refused.Message, StringComparison.Ordinal);
            Assert.Equal("0:0 600", SeparateUser.Of(secret));
            foreach (DomainRecord guest in guests)
                await connection.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
            Assert.Equal("0:0 600", SeparateUser.Of(memory));
            // It stays, and the next has it again.
            await connection.Hypervisor.StartDomainAsync(guests[1].Uuid, StartOptions.None, Cancel);
        }
        finally
        {
            File.Delete(memory);
            File.Delete(secret);
        }
    }
}
