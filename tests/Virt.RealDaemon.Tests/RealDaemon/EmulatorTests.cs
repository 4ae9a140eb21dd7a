using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The emulator's program: replaced, gone, or running for the daemon alone.</summary>
public sealed class EmulatorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_emulator_that_is_replaced_or_gone_is_noticed_at_the_next_start_and_running_guests_stay()
    {
        const string Real = "/usr/bin/qemu-system-x86_64";
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string emulator = OtherUser.WriteProgram(folder.File("qemu-system-x86_64"), $"exec {Real} \"$@\"");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ "qemu": { "emulators": ["{{emulator}}"] } }""");
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord running = await StuckGuestTests.StartAsync(host, "running", $"<emulator>{emulator}</emulator>");
        DomainRecord next = await host.DefineDomainAsync(StuckGuestTests.Xml("next", $"<emulator>{emulator}</emulator>"), DefineOptions.None, Cancel);

        // Replaced by one that ends with an error: what it said is in the error.
        string broken = OtherUser.WriteProgram(emulator + ".new", "echo 'the firmware of this emulator is lost' >&2\nexit 3");
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
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string told = folder.File("told");
        using (var made = Process.Start("mkfifo", ["-m", "666", told]))
            await made.WaitForExitAsync(Cancel);
        // Its parent's number as the host knows it: a probe has numbers of its own.
        string emulator = OtherUser.WriteProgram(folder.File("qemu-system-x86_64"), $"cut -d' ' -f4 /proc/self/stat > {told}; exec sleep 300");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ "qemu": { "emulators": ["{{emulator}}"] } }""");
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
