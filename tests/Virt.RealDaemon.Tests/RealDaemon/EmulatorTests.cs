using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The emulator's program: replaced, gone, or running for the daemon alone.</summary>
public sealed class EmulatorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_emulator_that_is_replaced_or_gone_is_noticed_at_the_next_start_and_running_guests_stay()
    {
        const string Real = "/usr/bin/qemu-system-x86_64";
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        string emulator = Path.Combine(daemon.Root, "qemu-system-x86_64");
        await File.WriteAllTextAsync(emulator, $"#!/bin/sh\nexec {Real} \"$@\"\n", Cancel);
        File.SetUnixFileMode(emulator, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord running = await StuckGuestTests.StartAsync(host, "running", $"<emulator>{emulator}</emulator>");
        DomainRecord next = await host.DefineDomainAsync(StuckGuestTests.Xml("next", $"<emulator>{emulator}</emulator>"), DefineOptions.None, Cancel);

        // Replaced by one that ends with an error: what it said is in the error.
        string broken = emulator + ".new";
        await File.WriteAllTextAsync(broken, "#!/bin/sh\necho 'the firmware of this emulator is lost' >&2\nexit 3\n", Cancel);
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.Move(broken, emulator, overwrite: true);
        var failed = await Assert.ThrowsAnyAsync<VirtException>(() => host.StartDomainAsync(next.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains("the firmware of this emulator is lost", failed.Message, StringComparison.Ordinal);

        File.Delete(emulator);
        var gone = await Assert.ThrowsAnyAsync<VirtException>(() => host.StartDomainAsync(next.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains(emulator, gone.Message, StringComparison.Ordinal);
        Assert.Equal(DomainState.Paused, (await host.SuspendDomainAsync(running.Uuid, Cancel)).State);
        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, (await again.Hypervisor.ResumeDomainAsync(running.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Shutoff, (await again.Hypervisor.DestroyDomainAsync(running.Uuid, DestroyOptions.None, Cancel)).State);
    }

    [Fact]
    public async Task An_emulator_that_is_being_asked_what_it_can_do_ends_with_a_daemon_that_is_killed()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        string emulator = Path.Combine(daemon.Root, "qemu-system-x86_64"), told = Path.Combine(daemon.Root, "told");
        using (var made = Process.Start("mkfifo", [told]))
            await made.WaitForExitAsync(Cancel);
        await File.WriteAllTextAsync(emulator, $"#!/bin/sh\necho $$ > {told}; exec sleep 300\n", Cancel);
        File.SetUnixFileMode(emulator, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using VirtConnection connection = await daemon.ConnectAsync();
        Task define = connection.Hypervisor.DefineDomainAsync(StuckGuestTests.Xml("asked", $"<emulator>{emulator}</emulator>"), DefineOptions.None, Cancel).AsTask();
        string pid = await File.ReadAllTextAsync(told, Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        using var asked = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));

        await daemon.KillAsync();

        try
        {
            await asked.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        }
        finally
        {
            asked.Kill();
        }

        await Assert.ThrowsAnyAsync<VirtException>(() => define);
    }
}
