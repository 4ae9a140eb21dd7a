using System.Diagnostics;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A FIFO wherever a definition names a file: whoever opens it waits for the other end for ever, and neither virtd nor QEMU may.</summary>
public sealed class FifoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fifo_in_the_place_of_a_file_is_refused_and_holds_up_nobody()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string fifo = $"{daemon.Root}/fifo";
        using (Process made = Process.Start("mkfifo", fifo))
            await made.WaitForExitAsync(Cancel);
        (string Os, string Devices)[] places =
        [
            ($"<kernel>{fifo}</kernel>", ""),
            ($"<kernel>/bin/true</kernel><initrd>{fifo}</initrd>", ""),
            ($"<loader readonly='yes' type='pflash'>{fifo}</loader>", ""),
            ($"<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram template='{fifo}'>{daemon.Root}/vars</nvram>", ""),
            ($"<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>{fifo}</nvram>", ""),
            ($"<acpi><table type='slic'>{fifo}</table></acpi>", ""),
            ("", $"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{fifo}'/><target dev='vda' bus='virtio'/></disk>"),
            ("", $"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{fifo}'/><target dev='sda' bus='sata'/></disk>"),
            ("", $"<serial type='file'><source path='{fifo}'/></serial>"),
            ("", $"<serial type='pty'><log file='{fifo}'/></serial>"),
        ];
        foreach ((string os, string devices) in places)
        {
            DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
                $"""
                <domain type='qemu'><name>odd</name><memory unit='MiB'>64</memory>
                  <os><type arch='x86_64' machine='q35'>hvm</type>{os}</os><features><acpi/></features><devices>{devices}</devices></domain>
                """, DefineOptions.None, Cancel);
            VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(
                () => connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask().WaitAsync(Patience, Cancel));
            Assert.Contains(fifo, refused.Message, StringComparison.Ordinal);
            await connection.Hypervisor.UndefineDomainAsync(domain.Uuid, UndefineOptions.Nvram, Cancel);
        }

        DomainRecord running = await connection.Hypervisor.CreateDomainAsync(
            "<domain type='qemu'><name>runs</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>",
            StartOptions.None, Cancel);
        await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.AttachDeviceAsync(
            running.Uuid, $"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{fifo}'/><target dev='vdb' bus='virtio'/></disk>",
            ChangeScope.Live, Cancel).AsTask().WaitAsync(Patience, Cancel));
        Assert.Equal(0, await daemon.StopAsync());
    }
}
