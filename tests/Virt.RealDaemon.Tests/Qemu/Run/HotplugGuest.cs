using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>A guest of firmware alone whose devices come and go, and what is seen of it.</summary>
internal static class HotplugGuest
{
    internal const string Ports = """
        <controller type='pci' model='pcie-root'/>
        <controller type='pci' index='1' model='pcie-root-port'/><controller type='pci' index='2' model='pcie-root-port'/>
        <controller type='scsi' index='0' model='virtio-scsi'><address type='pci' bus='1' slot='0'/></controller>
        <controller type='usb' model='none'/><memballoon model='none'/>
        """;

    internal const string Q35 = "<os><type machine='q35'>hvm</type></os><features><acpi/></features>";

    // A device is gone when all of QEMU's threads have noticed, which a busy host delays.
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    internal static CancellationToken Cancel => QemuFixture.Cancel;

    internal static string Nic(int number) => $"<interface type='user'><mac address='52:54:00:00:00:0{number}'/><model type='virtio'/></interface>";

    internal static string DiskXml(string image) =>
        $"<disk type='file' device='disk'><source file='{image}'/><target dev='sda' bus='scsi'/></disk>{Ports}";

    internal static string Image(QemuFixture fixture, string name = "disk.img")
    {
        string path = Path.Combine(fixture.Root, name);
        if (!File.Exists(path))
        {
            using FileStream file = File.Create(path);
            file.SetLength(1 << 20);
        }

        return path;
    }

    internal static Task<DomainRecord> StartAsync(QemuFixture fixture, string image, string more = "") =>
        fixture.StartAsync("guest", devices: DiskXml(image) + more, more: Q35);

    internal static Task<DeviceChange> AttachAsync(QemuFixture fixture, DomainRecord domain, string xml) =>
        fixture.Driver.AttachDeviceAsync(domain.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    internal static Task<DeviceChange> UpdateAsync(QemuFixture fixture, DomainRecord domain, string xml) =>
        fixture.Driver.UpdateDeviceAsync(domain.Uuid, xml, ChangeScope.Live, Cancel).AsTask();

    internal static Task<string> LiveAsync(QemuFixture fixture, DomainRecord domain) =>
        fixture.Driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel).AsTask();

    internal static async Task<JsonElement> ExecuteAsync(QemuFixture fixture, DomainRecord domain, QmpCommand command)
    {
        DomainSupervisor supervisor = fixture.Host.Services.Table.Get(domain.Uuid);
        return await supervisor.ExecuteAsync(supervisor.Run!, command);
    }

    /// <summary>What the monitor knows of devices and back ends.</summary>
    internal static async Task<string> SeenAsync(QemuFixture fixture, DomainRecord domain)
    {
        QmpCommand[] queries =
        [
            new("query-named-block-nodes", arguments => arguments.WriteBoolean("flat", true)), new("query-chardev"), new("query-rx-filter"),
            new("qom-list", arguments => arguments.WriteString("path", "/machine/peripheral")),
            new("qom-list", arguments => arguments.WriteString("path", "/objects")),
        ];
        var seen = new List<string>();
        foreach (QmpCommand query in queries)
            seen.Add((await ExecuteAsync(fixture, domain, query)).GetRawText());
        return string.Join('\n', seen);
    }

    // Over a monitor of its own, while no daemon listens.
    internal static async Task ResetAsync(QemuFixture fixture, DomainRecord domain)
    {
        string path = GuestRun.MonitorPathIn(fixture.Folders.RunOf(domain.Uuid));
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using QmpClient monitor = await QmpClient.OpenAsync(
            await HostSocket.ConnectAsync(path, Cancel),
            happened =>
            {
                if (happened.Name == "DEVICE_DELETED" && happened.Text("device") is not null)
                    gone.TrySetResult();
            },
            Patience, Cancel);
        await monitor.ExecuteAsync("system_reset", Cancel);
        await gone.Task.WaitAsync(Patience, Cancel);
    }

    internal static async Task<VirtException> FailsAsync(VirtErrorCode code, Func<Task> call)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(call);
        Assert.True(code == error.Code, $"{error.Code}: {error.Message}");
        return error;
    }

    /// <summary>Resets the machine, which lets go of what it was asked for, until it has; firmware that is just starting may miss a
    /// reset.</summary>
    internal static async Task ResetUntilAsync(QemuFixture fixture, DomainRecord domain, Task detached)
    {
        do
            await fixture.Driver.ResetDomainAsync(domain.Uuid, Cancel);
        while (await Task.WhenAny(detached, Task.Delay(TimeSpan.FromSeconds(15), Cancel)) != detached);
        await detached;
    }
}
