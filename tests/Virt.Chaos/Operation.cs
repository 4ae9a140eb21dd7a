using Virt.Domains;
using Virt.Drivers;

namespace Virt.Chaos;

/// <summary>One call on one domain, with what it makes of the domain.</summary>
/// <param name="Name">The operation's name.</param>
/// <param name="Weight">How often it is chosen, relative to others.</param>
/// <param name="Applies">Whether a domain is in the state for it.</param>
/// <param name="Apply">The domain after it.</param>
/// <param name="RunAsync">The call, for the domain before and after it.</param>
internal sealed record Operation(
    string Name, int Weight, Func<GuestModel, bool> Applies, Func<GuestModel, GuestModel> Apply,
    Func<IHypervisorDriver, GuestModel, GuestModel, CancellationToken, ValueTask> RunAsync);

/// <summary>The operations.</summary>
/// <param name="images">The folder of the disks.</param>
internal sealed class Operations(string images)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<Operation> All { get; } = Make(new GuestXml(images));

    /// <summary>Chooses one for a domain.</summary>
    public Operation Choose(GuestModel guest, Random random)
    {
        Operation[] possible = [.. All.Where(operation => operation.Applies(guest))];
        int ticket = random.Next(possible.Sum(operation => operation.Weight));
        foreach (Operation operation in possible)
        {
            if ((ticket -= operation.Weight) < 0)
                return operation;
        }

        return possible[^1];
    }

    private static Operation[] Make(GuestXml xml) =>
    [
        new("define", 5, guest => !guest.IsDefined, guest => guest with { Name = $"chaos-{guest.Uuid:N}"[..14], Title = "1" },
            async (host, _, after, cancel) => await host.DefineDomainAsync(xml.Domain(after), DefineOptions.None, cancel).ConfigureAwait(false)),
        new("redefine", 2, guest => guest.IsDefined, guest => guest with { Title = guest.Title + "1" },
            async (host, _, after, cancel) => await host.DefineDomainAsync(xml.Domain(after), DefineOptions.None, cancel).ConfigureAwait(false)),
        new("autostart", 1, guest => guest.IsDefined, guest => guest with { Autostart = !guest.Autostart },
            async (host, _, after, cancel) => await host.ChangeDomainAsync(after.Uuid, new DomainChange(Autostart: after.Autostart), ChangeScope.Current, cancel).ConfigureAwait(false)),
        new("rename", 2, guest => guest is { IsDefined: true, Power: Power.Off, Saved: false }, guest => guest with { Name = Renamed(guest.Name!) },
            async (host, before, after, cancel) => await host.RenameDomainAsync(before.Uuid, after.Name!, cancel).ConfigureAwait(false)),
        new("undefine", 1, guest => guest is { IsDefined: true, Power: Power.Off }, guest => new GuestModel(guest.Uuid),
            async (host, before, _, cancel) => await host.UndefineDomainAsync(before.Uuid, UndefineOptions.ManagedSave, cancel).ConfigureAwait(false)),
        new("start", 8, guest => guest is { IsDefined: true, Power: Power.Off }, guest => guest with { Power = guest.SavedPaused ? Power.Paused : Power.Running, Saved = false, SavedPaused = false },
            async (host, before, _, cancel) => await host.StartDomainAsync(before.Uuid, StartOptions.None, cancel).ConfigureAwait(false)),
        new("destroy", 3, guest => guest.IsActive, guest => guest with { Power = Power.Off, Plugged = false },
            async (host, before, _, cancel) => await host.DestroyDomainAsync(before.Uuid, DestroyOptions.None, cancel).ConfigureAwait(false)),
        new("suspend", 1, guest => guest.Power == Power.Running, guest => guest with { Power = Power.Paused },
            async (host, before, _, cancel) => await host.SuspendDomainAsync(before.Uuid, cancel).ConfigureAwait(false)),
        new("resume", 2, guest => guest.Power == Power.Paused, guest => guest with { Power = Power.Running },
            async (host, before, _, cancel) => await host.ResumeDomainAsync(before.Uuid, cancel).ConfigureAwait(false)),
        new("save", 3, guest => guest.IsActive, guest => guest with { Power = Power.Off, Saved = true, SavedPaused = guest.Power == Power.Paused },
            async (host, before, _, cancel) => await host.SaveDomainAsync(before.Uuid, cancel).ConfigureAwait(false)),
        new("drop saved", 1, guest => guest.Saved, guest => guest with { Saved = false, SavedPaused = false, Plugged = false },
            async (host, before, _, cancel) => await host.RemoveSavedDomainAsync(before.Uuid, cancel).ConfigureAwait(false)),
        new("plug", 3, guest => guest is { IsActive: true, Plugged: false }, guest => guest with { Plugged = true },
            async (host, before, _, cancel) => await host.AttachDeviceAsync(before.Uuid, xml.Disk(before), ChangeScope.Live, cancel).ConfigureAwait(false)),
        new("unplug", 2, guest => guest is { IsActive: true, Plugged: true }, guest => guest with { Plugged = false },
            async (host, before, _, cancel) => await host.DetachDeviceAsync(before.Uuid, xml.Disk(before), ChangeScope.Live, TimeSpan.FromSeconds(30), cancel).ConfigureAwait(false)),
    ];

    private static string Renamed(string name) => name.EndsWith('x') ? name[..^1] : name + "x";
}

/// <summary>The XML of the domains: firmware alone, a disk, and a USB controller to plug another into without the guest's help.</summary>
internal sealed class GuestXml(string images)
{
    public string Domain(GuestModel guest) => $"""
        <domain type='qemu'>
          <name>{guest.Name}</name><uuid>{guest.Uuid:D}</uuid><title>{guest.Title}</title>
          <memory unit='MiB'>16</memory><vcpu>1</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <devices>
            <controller type='usb' model='qemu-xhci'/>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{Image(guest, "a")}'/><target dev='vda' bus='virtio'/></disk>
            <memballoon model='none'/>
          </devices>
        </domain>
        """;

    public string Disk(GuestModel guest) =>
        $"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{Image(guest, "b")}'/><target dev='sdb' bus='usb'/></disk>";

    private string Image(GuestModel guest, string disk)
    {
        string path = Path.Combine(images, $"{guest.Uuid:N}-{disk}.img");
        if (!File.Exists(path))
        {
            using FileStream image = File.Create(path);
            image.SetLength(1 << 20);
        }

        return path;
    }
}
