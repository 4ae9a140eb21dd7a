using System.Net.Sockets;
using Virt.Domains;
using Virt.Tests.Daemon.RealDaemon;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>What a guest's own doing leads to: a Linux that powers off, reboots and panics.</summary>
public sealed class PolicyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reboot_through_acpi_starts_the_same_process_again()
    {
        await using Guest guest = await Guest.BootAsync();
        int pid = guest.Qemu.PidOf(guest.Domain);
        guest.Qemu.ForgetEvents();
        await guest.Qemu.Driver.RebootDomainAsync(guest.Domain.Uuid, ShutdownMode.Acpi, Cancel);
        await guest.Qemu.WaitForAsync(DomainEventKind.Resumed, DomainEventDetail.Unpaused);
        await guest.ReadyAsync();
        DomainRecord after = await guest.Qemu.Driver.GetDomainByUuidAsync(guest.Domain.Uuid, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Booted, guest.Domain.Id), (after.State, after.Reason, after.Id));
        Assert.Equal(pid, guest.Qemu.PidOf(after));
        Assert.Equal(["Shutdown/Guest", "Resumed/Unpaused"], guest.Qemu.EventNames);
    }

    [Fact]
    public async Task A_power_off_restarts_where_the_definition_says_so()
    {
        await using Guest guest = await Guest.BootAsync("<on_poweroff>restart</on_poweroff>");
        await guest.Qemu.Driver.ShutdownDomainAsync(guest.Domain.Uuid, ShutdownMode.Acpi, Cancel);
        await guest.ReadyAsync();
        Assert.Equal(guest.Domain.Id, (await guest.Qemu.Driver.GetDomainByUuidAsync(guest.Domain.Uuid, Cancel)).Id);
    }

    [Fact]
    public async Task A_reset_from_within_ends_the_guest_where_the_definition_says_so()
    {
        await using Guest guest = await Guest.BootAsync("<on_reboot>destroy</on_reboot>");
        await guest.SayAsync("reboot");
        DomainRecord off = (await guest.Qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Shutdown)).Domain;
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Shutdown), (off.State, off.Reason));
    }

    [Theory]
    [InlineData("destroy")]
    [InlineData("restart")]
    [InlineData("preserve")]
    [InlineData("coredump-destroy")]
    public async Task A_panic_is_known_and_does_what_the_definition_says(string action)
    {
        await using Guest guest = await Guest.BootAsync($"<on_crash>{action}</on_crash>", "<panic model='isa'/>");
        guest.Qemu.ForgetEvents();
        await guest.SayAsync("crash");
        DomainRecord crashed = (await guest.Qemu.WaitForAsync(DomainEventKind.Crashed, DomainEventDetail.Panicked)).Domain;
        Assert.Equal((DomainState.Crashed, DomainStateReason.Panicked), (crashed.State, crashed.Reason));
        switch (action)
        {
            case "restart":
                DomainRecord running = (await guest.Qemu.WaitForAsync(DomainEventKind.Resumed, DomainEventDetail.Unpaused)).Domain;
                Assert.Equal((DomainState.Running, DomainStateReason.Crashed, guest.Domain.Id), (running.State, running.Reason, running.Id));
                await guest.ReadyAsync();
                break;
            case "preserve":
                await guest.Qemu.Driver.SuspendDomainAsync(crashed.Uuid, Cancel);
                DomainRecord reset = await guest.Qemu.Driver.ResetDomainAsync(crashed.Uuid, Cancel);
                Assert.True(reset.IsActive);
                break;
            default:
                DomainRecord off = (await guest.Qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Crashed)).Domain;
                Assert.Equal((DomainState.Shutoff, DomainStateReason.Crashed), (off.State, off.Reason));
                Assert.Equal(action == "coredump-destroy" ? 1 : 0, Directory.GetFiles(guest.Qemu.Folders.Dumps).Count(file => new FileInfo(file).Length > 1 << 20));
                break;
        }
    }

    private sealed class Guest : IAsyncDisposable
    {
        private readonly StreamReader _console;
        private readonly Stream _responder;
        private readonly SemaphoreSlim _ready = new(0);
        private readonly Task _reading;

        private Guest(QemuFixture qemu, DomainRecord domain, StreamReader console, Stream responder)
        {
            (Qemu, Domain, _console, _responder) = (qemu, domain, console, responder);
            // A guest waits for its console to be read, for 20 s when it panics.
            _reading = ReadAsync();
        }

        public QemuFixture Qemu { get; }

        public DomainRecord Domain { get; }

        public static async Task<Guest> BootAsync(string more = "", string devices = "")
        {
            Assert.SkipUnless(LinuxGuest.Folder is not null, "VIRT_GUEST_DIR is not set: run tests/guest/build-guest.sh, or ./build.sh test");
            QemuFixture qemu = await QemuFixture.StartRealAsync();
            string xml = LinuxGuest.Xml(qemu.Root, "linux", devices).Replace("<features>", more + "<features>", StringComparison.Ordinal)
                .Replace("console=ttyS0", "console=ttyS0 panic=-1", StringComparison.Ordinal);
            DomainRecord defined = await qemu.Driver.DefineDomainAsync(xml, DefineOptions.None, Cancel);
            await qemu.Driver.StartDomainAsync(defined.Uuid, StartOptions.Paused, Cancel);
            var console = new StreamReader(await ConnectAsync(qemu.Root + "/linux.console"));
            Stream responder = await ConnectAsync(qemu.Root + "/linux.responder");
            DomainRecord running = await qemu.Driver.ResumeDomainAsync(defined.Uuid, Cancel);
            var guest = new Guest(qemu, running, console, responder);
            await guest.ReadyAsync();
            return guest;
        }

        public async Task ReadyAsync() => Assert.True(await _ready.WaitAsync(Patience, Cancel), "the guest did not come up");

        public async Task SayAsync(string command) => await _responder.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\n"), Cancel);

        public async ValueTask DisposeAsync()
        {
            await _responder.DisposeAsync();
            await Qemu.DisposeAsync();
            await _reading;
            _console.Dispose();
            _ready.Dispose();
        }

        private async Task ReadAsync()
        {
            try
            {
                while (await _console.ReadLineAsync() is { } line)
                {
                    if (line.Contains("VIRT-GUEST READY", StringComparison.Ordinal))
                        _ready.Release();
                }
            }
            catch (IOException)
            {
                // QEMU has ended.
            }
        }

        private static async Task<NetworkStream> ConnectAsync(string path)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }
}
