using System.Diagnostics;
using System.Globalization;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.PowerShell;

/// <summary>The checks of Test-VirtHost, each on its own: one that fails does not keep the next from being made.</summary>
internal sealed class HostChecks(VirtHost host, string moduleVersion)
{
    /// <summary>Makes the checks, handing on each as it ends.</summary>
    public async Task RunAsync(Action<VirtHostCheck> report, CancellationToken cancel)
    {
        Func<IHypervisorDriver, CancellationToken, Task<VirtHostCheck>>[] checks =
            [RoundTripAsync, AccessAsync, VersionAsync, HypervisorAsync, KvmAsync, DomainsAsync, EventsAsync];
        string[] names = ["Round trip", "Access", "Version", "Hypervisor", "KVM", "Domains", "Events"];
        VirtConnection connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
        report(Pass("Connection", $"{host.Uri} is open"));
        for (int i = 0; i < checks.Length; i++)
        {
            try
            {
                report(await checks[i](connection.Hypervisor, cancel).ConfigureAwait(false));
            }
            catch (VirtException failure)
            {
                report(new VirtHostCheck(host.Name, names[i], CheckStatus.Fail, failure.Message, failure.RecommendedAction));
            }
        }
    }

    private async Task<VirtHostCheck> RoundTripAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        await driver.GetHostAsync(cancel).ConfigureAwait(false);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        string time = string.Create(CultureInfo.CurrentCulture, $"a call takes {elapsed:0.0} ms");
        return elapsed < 250 ? Pass("Round trip", time) : Warn(
            "Round trip", time, "Commands on many domains will be slow; look at the network, or run them nearer to the host.");
    }

    private Task<VirtHostCheck> AccessAsync(IHypervisorDriver driver, CancellationToken cancel) => Task.FromResult(host.ReadOnly
        ? Warn("Access", "the connection is read-only", "Connect without -ReadOnly to make changes.")
        : Pass("Access", "reading and changing"));

    private async Task<VirtHostCheck> VersionAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        HostRecord record = await driver.GetHostAsync(cancel).ConfigureAwait(false);
        return record.DaemonVersion == moduleVersion
            ? Pass("Version", $"Virt {record.DaemonVersion} on both sides")
            : Warn("Version", $"the host has Virt {record.DaemonVersion}, this module is {moduleVersion}",
                "Bring both to the same version.");
    }

    private async Task<VirtHostCheck> HypervisorAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        HostRecord record = await driver.GetHostAsync(cancel).ConfigureAwait(false);
        return record.HypervisorVersion is null
            ? new VirtHostCheck(
                host.Name, "Hypervisor", CheckStatus.Fail, $"no {record.HypervisorType} was found on the host",
                "Install it, on Debian with: apt install qemu-system-x86")
            : Pass("Hypervisor", $"{record.HypervisorType} {record.HypervisorVersion}");
    }

    private async Task<VirtHostCheck> KvmAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        HostCapabilities capabilities = await driver.GetHostCapabilitiesAsync(cancel).ConfigureAwait(false);
        return capabilities.KvmUsable
            ? Pass("KVM", "usable")
            : Warn(
                "KVM", capabilities.KvmReason ?? "not usable",
                "Guests run with -Type qemu, much slower. Switch on virtualization in the firmware, load kvm_intel or kvm_amd, " +
                "and let the daemon open /dev/kvm.");
    }

    private async Task<VirtHostCheck> DomainsAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        var domains = await driver.ListDomainsAsync(Domains.DomainFilter.All, cancel).ConfigureAwait(false);
        return Pass("Domains", $"{domains.Count} defined or running, {domains.Count(domain => domain.IsActive)} active");
    }

    private async Task<VirtHostCheck> EventsAsync(IHypervisorDriver driver, CancellationToken cancel)
    {
        IAsyncDisposable subscription = await driver.SubscribeDomainEventsAsync(_ => { }, cancel).ConfigureAwait(false);
        await subscription.DisposeAsync().ConfigureAwait(false);
        return Pass("Events", "lifecycle events can be subscribed to");
    }

    private VirtHostCheck Pass(string check, string message) => new(host.Name, check, CheckStatus.Pass, message, null);

    private VirtHostCheck Warn(string check, string message, string recommendation) =>
        new(host.Name, check, CheckStatus.Warn, message, recommendation);
}
