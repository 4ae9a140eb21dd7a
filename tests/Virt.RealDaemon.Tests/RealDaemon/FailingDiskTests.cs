using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A disk below virtd that gives errors (EIO): strace has its system calls fail, and those of no other process.</summary>
public sealed class FailingDiskTests
{
    private const string Tracer = "/usr/bin/strace";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fsync")]
    [InlineData("pwrite64")]
    [InlineData("renameat,renameat2")]
    public async Task What_a_disk_does_not_take_is_an_error_and_costs_neither_the_old_content_nor_a_guest(string calls)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists(Tracer), "SKIPPED: strace needs to be there, and root to look at virtd with it");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord guest = await StuckGuestTests.StartAsync(host, "guest");
        DomainRecord off = await host.DefineDomainAsync(StuckGuestTests.Xml("off"), DefineOptions.None, Cancel);
        string before = await host.GetDomainXmlAsync(off.Uuid, XmlOptions.Inactive, Cancel);
        string other = before.Replace("</name>", "</name><description>other</description>", StringComparison.Ordinal);

        using (Process failing = await FailAsync(daemon, calls))
        {
            await RefusedAsync(() => host.DefineDomainAsync(StuckGuestTests.Xml("new"), DefineOptions.None, Cancel).AsTask());
            await RefusedAsync(() => host.DefineDomainAsync(other, DefineOptions.None, Cancel).AsTask());
            Assert.Equal(["guest", "off"], (await host.ListDomainsAsync(DomainFilter.All, Cancel)).Select(domain => domain.Name));
            Assert.Equal(before, await host.GetDomainXmlAsync(off.Uuid, XmlOptions.Inactive, Cancel));
            Assert.Equal(DomainState.Running, (await host.GetDomainByUuidAsync(guest.Uuid, Cancel)).State);
            Virt.Daemon.Hosting.Posix.Terminate(failing.Id);
            await failing.WaitForExitAsync(Cancel);
        }

        // Nothing is left of what failed, for this virtd and for the next.
        Assert.Empty(Directory.GetFiles(Path.Combine(daemon.Root, "etc"), "*.tmp", SearchOption.AllDirectories));
        Assert.Equal("other", (await host.DefineDomainAsync(other, DefineOptions.None, Cancel)).Description);
        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        IReadOnlyList<DomainRecord> domains = await again.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel);
        Assert.Equal(
            [("guest", DomainState.Running, null), ("off", DomainState.Shutoff, "other")],
            domains.OrderBy(domain => domain.Name, StringComparer.Ordinal).Select(domain => (domain.Name, domain.State, domain.Description)));
        await again.Hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    /// <summary>Has the calls fail from now on, until the process that is returned ends.</summary>
    private static async Task<Process> FailAsync(VirtdProcess daemon, string calls)
    {
        Process tracer = Process.Start(new ProcessStartInfo(
            Tracer,
            ["-f", "-o", "/dev/null", "-e", $"inject={calls}:error=EIO", "-p", daemon.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        })!;
        string? said = await tracer.StandardError.ReadLineAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);
        Assert.Contains("attached", said, StringComparison.Ordinal);
        _ = tracer.StandardError.ReadToEndAsync(CancellationToken.None);
        return tracer;
    }

    private static async Task RefusedAsync(Func<Task> change)
    {
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(change);
        Assert.Equal(VirtErrorCode.SystemError, refused.Code);
        Assert.Contains("Input/output error", refused.Message, StringComparison.Ordinal);
    }
}
