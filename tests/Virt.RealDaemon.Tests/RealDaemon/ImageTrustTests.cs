using System.Net;
using System.Net.Sockets;
using Virt.Connections;
using Virt.Daemon.Drivers.Storage;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Storage;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Attacks by what an image says of itself: written by a guest into its disk, or by a QEMU that was taken over into its image.</summary>
public sealed class ImageTrustTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_head_that_a_guest_writes_into_its_raw_disk_opens_no_file_of_the_host()
    {
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string secret = Secret(folder);
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        ImageRecord made = await connection.Storage.CreateImageAsync(new ImageRequest("disk.img", "raw", 1 << 20), Cancel);
        string found = Path.Combine(daemon.Root, "var/lib/virt/images/found.img");
        await File.WriteAllBytesAsync(found, new byte[1 << 20], Cancel);
        SeparateUser.Own(found);
        await RunOnceAsync(host, "victim", Disk(found, "raw"));
        foreach (string disk in (string[])[made.Path, found])
        {
            // What the guest writes.
            await WriteHeadAsync(folder, disk, secret);
            ImageRecord top = await connection.Storage.CreateImageAsync(new ImageRequest($"{Path.GetFileName(disk)}.qcow2", "qcow2", 0, disk), Cancel);
            Assert.Equal([new ImageLayer(disk, "raw")], top.Backing);
            DomainRecord domain = await StartAsync(host, "next", Disk(top.Path, "qcow2"));
            Assert.DoesNotContain(secret, await host.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel), StringComparison.Ordinal);
            Assert.Equal("0:0 600", SeparateUser.Of(secret));
            await host.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);

            // Somebody takes it for what it looks like.
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => StartAsync(host, "mistake", Disk(disk, "qcow2")));
            Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
            Assert.Contains("is raw and is not used as qcow2", refused.Message, StringComparison.Ordinal);
            Assert.Equal("0:0 600", SeparateUser.Of(secret));
        }
    }

    [Fact]
    public async Task A_head_that_a_qemu_writes_into_its_image_opens_no_file_of_the_host()
    {
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string secret = Secret(folder), disk = folder.File("disk.qcow2"), other = folder.File("other.qcow2"), data = folder.File("data");
        await Images.RunAsync("create", "-q", "-f", "qcow2", disk, "1M");
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        await RunOnceAsync(host, "taken", Disk(disk, "qcow2"));

        // What the QEMU writes.
        await Images.RunAsync("rebase", "-u", "-b", secret, "-F", "raw", disk);
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => StartAsync(host, "taken", Disk(disk, "qcow2")));
        Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
        Assert.Contains("it was based on nothing", refused.Message, StringComparison.Ordinal);
        Assert.Equal("0:0 600", SeparateUser.Of(secret));

        // A definition that tells what is below is not the image's word.
        DomainRecord told = await StartAsync(host, "told", $"<disk type='file'><driver type='qcow2'/><source file='{disk}'/><backingStore/><target dev='vda' bus='virtio'/></disk>");
        await host.DestroyDomainAsync(told.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal("0:0 600", SeparateUser.Of(secret));

        await Images.RunAsync("create", "-q", "-f", "qcow2", "-o", $"data_file={data},data_file_raw=on", other, "1M");
        refused = await Assert.ThrowsAnyAsync<VirtException>(() => StartAsync(host, "data", Disk(other, "qcow2")));
        Assert.Contains("keeps its data in another file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_virtd_can_note_nothing_an_images_word_gives_no_rights()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/unshare"), "only root can mount a file system without attributes");
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string secret = Secret(folder), plain = folder.File("plain"), mounted = folder.File("mounted"), disk = Path.Combine(mounted, "disk.qcow2");
        await File.WriteAllBytesAsync(plain, new byte[4096], Cancel);
        File.SetUnixFileMode(plain, (UnixFileMode)0x1a4);
        Directory.CreateDirectory(mounted);
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            config: $$"""{ "qemu": { "user": "{{SeparateUser.Name}}" } }""",
            prefix: ["/usr/bin/unshare", "-m", "sh", "-c", $"mount -t ramfs none {mounted} && chmod 755 {mounted} && exec \"$@\"", "sh"]);
        SeparateUser.Let(daemon.Root);
        await using VirtConnection connection = await daemon.ConnectAsync();
        foreach ((string below, bool starts) in ((string, bool)[])[(secret, false), (plain, true)])
        {
            string made = folder.File("made");
            await Images.RunAsync("create", "-q", "-f", "qcow2", "-b", below, "-F", "raw", made);
            File.Copy(made, $"/proc/{daemon.ProcessId}/root{disk}", overwrite: true);
            Task<DomainRecord> start = StartAsync(connection.Hypervisor, "believed", Disk(disk, "qcow2"));
            if (starts)
            {
                await connection.Hypervisor.DestroyDomainAsync((await start).Uuid, DestroyOptions.None, Cancel);
                continue;
            }

            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => start);
            Assert.Contains("which nothing but that image names", refused.Message, StringComparison.Ordinal);
            Assert.Equal("0:0 600", SeparateUser.Of(secret));
        }
    }

    [Fact]
    public async Task An_image_that_names_a_place_in_the_network_has_nobody_connect_there()
    {
        using var folder = new TestFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string disk = folder.File("disk.qcow2"), named = $"nbd://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x";
        await Images.RunAsync("create", "-q", "-u", "-f", "qcow2", "-b", named, "-F", "raw", disk, "1M");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord domain = await host.DefineDomainAsync(StuckGuestTests.Xml("named", Disk(disk, "qcow2")), DefineOptions.None, Cancel);
        await using VirtConnection reader = await daemon.ConnectAsync(options: OpenOptions.ReadOnly);

        DomainDeviceList devices = Assert.Single(
            await reader.Hypervisor.ListDomainDevicesAsync(DomainFilter.All, new DeviceQuery(Details: true), Cancel));
        ImageRecord shown = Assert.Single(devices.Devices, device => device.Kind == "disk").Image!;
        Assert.Equal(1 << 20, shown.Capacity);
        Assert.Equal([new ImageLayer(named, "raw")], shown.Backing);
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => host.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains("which is no file of this host", refused.Message, StringComparison.Ordinal);
        _ = await connection.Storage.GetImageAsync(disk, Cancel);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task An_image_is_grown_by_virtd_and_qemu_img_finds_it_sound()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        ImageRecord below = await connection.Storage.CreateImageAsync(new ImageRequest("below.qcow2", "qcow2", 1 << 20), Cancel);
        ImageRecord top = await connection.Storage.CreateImageAsync(new ImageRequest("top.qcow2", "qcow2", 0, below.Path), Cancel);
        ImageRecord raw = await connection.Storage.CreateImageAsync(new ImageRequest("raw.img", "raw", 1 << 20), Cancel);
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
            StuckGuestTests.Xml("grown", Disk(top.Path, "qcow2") + Disk(raw.Path, "raw").Replace("vda", "vdb", StringComparison.Ordinal)), DefineOptions.None, Cancel);
        await connection.Hypervisor.ResizeDiskAsync(domain.Uuid, "vda", 700L << 20, Cancel);
        await connection.Hypervisor.ResizeDiskAsync(domain.Uuid, "vdb", 2 << 20, Cancel);
        Assert.Equal(700L << 20, (await connection.Storage.GetImageAsync(top.Path, Cancel)).Capacity);
        Assert.Equal(2 << 20, (await connection.Storage.GetImageAsync(raw.Path, Cancel)).Capacity);
        foreach (ImageRecord image in (ImageRecord[])[below, top])
            await Images.RunAsync("check", "-q", "-f", "qcow2", image.Path);
        await RunOnceAsync(connection.Hypervisor, "again", Disk(top.Path, "qcow2"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData((512L << 20) + 1)]
    [InlineData(1L << 44)]
    [InlineData(QcowImage.MaximumCapacity)]
    public async Task Images_that_virtd_writes_are_sound_to_qemu_img(long capacity)
    {
        using var folder = new TestFolder();
        var images = new ImageStore(new StorageFolders(folder.File("images"), []));
        ImageRecord below = await images.CreateAsync(new ImageRequest("below", "raw", 4096), Cancel);
        foreach (string? backing in (string?[])[null, below.Path])
        {
            ImageRecord image = await images.CreateAsync(new ImageRequest($"of-{backing is null}", "qcow2", capacity, backing), Cancel);
            await Images.RunAsync("check", "-q", "-f", "qcow2", image.Path);
            Assert.Equal(image.Capacity, (await Images.InfoAsync(image.Path)).GetProperty("virtual-size").GetInt64());
        }
    }

    private static string Secret(TestFolder folder)
    {
        string path = folder.File("secret");
        File.WriteAllText(path, new string('s', 4096));
        return SeparateUser.Own(path);
    }

    private static string Disk(string path, string format) =>
        $"<disk type='file'><driver type='{format}'/><source file='{path}'/><target dev='vda' bus='virtio'/></disk>";

    private static async Task WriteHeadAsync(TestFolder folder, string disk, string secret)
    {
        string crafted = folder.File("crafted");
        await Images.RunAsync("create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw", crafted);
        await using FileStream file = File.OpenWrite(disk);
        await file.WriteAsync(await File.ReadAllBytesAsync(crafted, Cancel), Cancel);
    }

    private static async Task<DomainRecord> StartAsync(IHypervisorDriver host, string name, string devices) =>
        await host.CreateDomainAsync(StuckGuestTests.Xml(name, devices), StartOptions.Paused, Cancel);

    private static async Task RunOnceAsync(IHypervisorDriver host, string name, string devices)
    {
        DomainRecord domain = await StartAsync(host, name, devices);
        await host.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
    }
}
