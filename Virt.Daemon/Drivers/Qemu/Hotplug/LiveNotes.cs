using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Writes into the live XML what the guest did to a device by itself: opened a tray, took memory.</summary>
internal static class LiveNotes
{
    /// <summary>A tray moved (<c>DEVICE_TRAY_MOVED</c>).</summary>
    public static void TrayMoved(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        if (happened.Text("id") is { } alias && happened.Flag("tray-open") is { } open)
            _ = NoteAsync(domain, run, alias, drive => drive.Element("target")?.SetAttributeValue("tray", open ? "open" : null));
    }

    /// <summary>A guest took memory or gave it back (<c>MEMORY_DEVICE_SIZE_CHANGE</c>).</summary>
    public static void MemoryTaken(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        if (happened.Text("id") is { } alias && happened.Number("size") is { } bytes)
            _ = NoteAsync(domain, run, alias, memory => Note(memory, bytes));
    }

    private static void Note(XElement memory, long bytes)
    {
        if (memory.Element("target") is { } target)
            DeviceElementPart.Replace(target, new XElement("current", new XAttribute("unit", "KiB"), bytes >> 10));
    }

    private static async Task NoteAsync(DomainSupervisor domain, GuestRun run, string alias, Action<XElement> note)
    {
        try
        {
            await domain.RunJobAsync("note a device", () =>
            {
                DomainDefinition live = run.ParseLive();
                if (live.Section("devices").Elements().FirstOrDefault(device => DeviceElement.Alias(device) == alias) is not { } device)
                    return Task.CompletedTask;
                note(device);
                domain.SetLive(run, StoredDefinition.From(live), run.Memory);
                return Task.CompletedTask;
            }, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, $"noting what became of the device '{alias}'", failed.Message);
        }
    }
}
