using System.Text;
using Virt.Connections;
using Virt.Domains;
using Virt.Streams;

namespace Virt.Tests.Host;

/// <summary>
/// A guest in one sector, for a host that is itself emulated: the firmware loads it from its disk. It writes a sector back, says READY on
/// the serial port, and turns the machine off when its power button is pressed. All by the registers of ACPI (PM1, at 0x600 on q35).
/// </summary>
internal sealed class ButtonGuest
{
    /// <summary>What it writes to its second sector.</summary>
    public const string Written = "WRITTEN";

    private const string Ready = "READY";
    private const int SectorSize = 512;
    private const int Load = 0x7c00;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly byte[] Code =
    [
        0x31, 0xc0,             //        xor ax, ax
        0x8e, 0xd8,             //        mov ds, ax
        0x8e, 0xc0,             //        mov es, ax
        0xb8, 0x01, 0x03,       //        mov ax, 0301h      write one sector
        0xb9, 0x02, 0x00,       //        mov cx, 2          the second
        0x30, 0xf6,             //        xor dh, dh         of the disk in dl, which the firmware booted from
        0xbb, 0x40, 0x7d,       //        mov bx, written
        0xcd, 0x13,             //        int 13h
        0xba, 0x02, 0x06,       //        mov dx, 602h       PM1 enable:
        0xb8, 0x00, 0x01,       //        mov ax, 100h       the power button
        0xef,                   //        out dx, ax
        0xbe, 0x80, 0x7d,       //        mov si, ready
        0xba, 0xf8, 0x03,       //        mov dx, 3f8h       the first serial port
        0xac,                   // next:  lodsb
        0x84, 0xc0,             //        test al, al
        0x74, 0x03,             //        jz wait
        0xee,                   //        out dx, al
        0xeb, 0xf8,             //        jmp next
        0xba, 0x00, 0x06,       // wait:  mov dx, 600h       PM1 status
        0xfb,                   // again: sti
        0xf4,                   //        hlt                until the timer's next tick
        0xed,                   //        in ax, dx
        0xf6, 0xc4, 0x01,       //        test ah, 1         the button was pressed
        0x74, 0xf8,             //        jz again
        0xba, 0x04, 0x06,       //        mov dx, 604h       PM1 control:
        0xb8, 0x00, 0x20,       //        mov ax, 2000h      sleep, as S5
        0xef,                   //        out dx, ax
        0xeb, 0xfe,             //        jmp $
    ];

    private ButtonGuest(DomainRecord domain) => (Name, Uuid) = (domain.Name, domain.Uuid);

    public string Name { get; }

    public Guid Uuid { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes its disk in a test host and defines it.</summary>
    /// <param name="host">The test host.</param>
    /// <param name="connection">Its virtd.</param>
    /// <param name="name">The guest's name.</param>
    /// <param name="folder">Takes the disk.</param>
    /// <param name="devices">Devices beside the disk and the serial port.</param>
    public static async Task<ButtonGuest> DefineAsync(
        TestHost host, VirtConnection connection, string name, string folder = "/var/lib/virt/images", string devices = "")
    {
        string disk = $"{folder}/{name}.img", here = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(here, Disk(), Cancel);
            await host.CopyInAsync(here, disk);
        }
        finally
        {
            File.Delete(here);
        }

        return new(await connection.Hypervisor.DefineDomainAsync(
            $"""
            <domain type='qemu'>
              <name>{name}</name>
              <memory unit='MiB'>32</memory>
              <vcpu>1</vcpu>
              <os><type arch='x86_64' machine='q35'>hvm</type></os>
              <features><acpi/><apic/></features>
              <devices>
                <disk type='file'><driver type='raw'/><source file='{disk}'/><target dev='vda'/></disk>
                <serial type='pty'><target port='0'/></serial>
                {devices}
              </devices>
            </domain>
            """,
            DefineOptions.None, Cancel));
    }

    /// <summary>Starts it and waits until it is up.</summary>
    public async Task BootAsync(VirtConnection connection)
    {
        await connection.Hypervisor.StartDomainAsync(Uuid, StartOptions.Paused, Cancel);
        await using VirtStream console = await connection.Hypervisor.OpenConsoleAsync(Uuid, "serial0", ConsoleOptions.None, Cancel);
        await connection.Hypervisor.ResumeDomainAsync(Uuid, Cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        using var reader = new StreamReader(console);
        var seen = new StringBuilder();
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            seen.AppendLine(line);
            if (line.Contains(Ready, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"{Name} never said '{Ready}':\n{seen}");
    }

    /// <summary>Presses its button and waits until it has turned itself off.</summary>
    public async Task PressAsync(VirtConnection connection)
    {
        await using HostEvents events = await HostEvents.ListenAsync(connection, Uuid);
        await connection.Hypervisor.ShutdownDomainAsync(Uuid, ShutdownMode.Acpi, Cancel);
        await events.UntilAsync(domain => domain is { State: DomainState.Shutoff, Reason: DomainStateReason.Shutdown });
    }

    private static byte[] Disk()
    {
        var disk = new byte[1 << 20];
        Code.CopyTo(disk, 0);
        Encoding.ASCII.GetBytes(Written).CopyTo(disk, 0x7d40 - Load);
        Encoding.ASCII.GetBytes(Ready + "\r\n\0").CopyTo(disk, 0x7d80 - Load);
        (disk[SectorSize - 2], disk[SectorSize - 1]) = (0x55, 0xaa);
        return disk;
    }
}
