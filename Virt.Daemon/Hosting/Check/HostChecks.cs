using System.Globalization;
using System.Net.Sockets;
using Virt.Daemon.Rpc.Tls;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.Daemon.Hosting.Check;

/// <summary>What an administrator wants to know of a new host, each finding with what to do about it.</summary>
internal sealed class HostChecks(VirtDirectories directories, string configPath, Func<CancellationToken, ValueTask<HostCapabilities>> probe)
{
    // The monitor's socket below the run folder must fit into sun_path (108 bytes, unix(7)).
    private const int LongestRunFolder = 60;
    private const long SmallMemory = 1L << 30;

    public async IAsyncEnumerable<CheckItem> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        yield return User();
        yield return Configuration();
        yield return GuestUserCheck.Run(configPath, directories);
        if (Tls() is { } tls)
            yield return tls;
        foreach (string folder in new[] { directories.Config, directories.Run, directories.State, directories.Log })
            yield return Folder(folder);
        if (directories.Run.Length > LongestRunFolder)
            yield return CheckItem.Fail("sockets", $"the path {directories.Run} is too long for sockets below it", $"Use a root whose run folder has at most {LongestRunFolder} characters.");
        foreach (string aside in SetAsideFiles.Find(directories))
            yield return CheckItem.Warn("set aside", aside, "virtd could not use it; its log says why. Repair it and put it back under its name, then restart virtd, or remove it.");
        foreach (CheckItem item in await HypervisorAsync(cancel).ConfigureAwait(false))
            yield return item;
        yield return Memory();
        yield return await DaemonAsync(cancel).ConfigureAwait(false);
    }

    private static CheckItem User() => Environment.IsPrivilegedProcess
        ? CheckItem.Pass("user", $"{Environment.UserName}, may run the system daemon")
        : CheckItem.Warn("user", $"{Environment.UserName}, may run a session daemon", "For qemu:///system run virtd as root.");

    private CheckItem Configuration()
    {
        try
        {
            _ = DaemonConfig.Read(configPath, mustExist: false);
            return CheckItem.Pass("config", File.Exists(configPath) ? configPath : $"{configPath} is not there: defaults");
        }
        catch (VirtException fault)
        {
            return CheckItem.Fail("config", fault.Message, fault.RecommendedAction!);
        }
    }

    /// <summary>Only when it is used and the configuration can be read, which is a finding of its own.</summary>
    private CheckItem? Tls()
    {
        try
        {
            TlsConfig config = DaemonConfig.Read(configPath, mustExist: false).Tls;
            return config.Enabled ? TlsCheck.Run(ServerPki.Find(config, directories)) : null;
        }
        catch (VirtException)
        {
            return null;
        }
    }

    private static CheckItem Folder(string folder)
    {
        // The nearest folder that exists decides whether the missing ones can be made.
        string existing = folder;
        while (!Directory.Exists(existing))
            existing = Path.GetDirectoryName(existing)!;
        bool writable = Posix.MayWrite(existing);
        string finding = existing == folder ? $"{folder} is there" : $"{folder} will be made below {existing}";
        if (!writable)
            return CheckItem.Fail("folder", $"{existing} cannot be written", "Run as a user that may, with --session, or with --root DIR.");
        long free = new DriveInfo(existing).AvailableFreeSpace;
        return free < SmallMemory
            ? CheckItem.Warn("folder", $"{finding}, but only {free >> 20} MiB are free", "Make room: images and saved guests are written there.")
            : CheckItem.Pass("folder", finding);
    }

    private async Task<List<CheckItem>> HypervisorAsync(CancellationToken cancel)
    {
        const string Install = "Install it: apt-get install qemu-system-x86 (Debian, Ubuntu) or dnf install qemu-kvm (Fedora).";
        try
        {
            HostCapabilities host = await probe(cancel).ConfigureAwait(false);
            var items = host.Guests
                .Select(guest => CheckItem.Pass("qemu", $"{guest.Emulator} {guest.EmulatorVersion} runs {guest.Architecture} guests"))
                .ToList();
            if (items.Count == 0)
                items.Add(CheckItem.Fail("qemu", "no QEMU was found", Install));
            items.Add(host.KvmUsable
                ? CheckItem.Pass("kvm", "usable: a guest was started with it")
                : CheckItem.Warn(
                    "kvm", $"not usable: {host.KvmReason}",
                    "Guests of type 'qemu' run all the same, emulated and slower. For KVM, turn on virtualisation in the firmware, load kvm_intel or kvm_amd, and see to the rights on /dev/kvm."));
            return items;
        }
        catch (VirtException fault)
        {
            return [CheckItem.Fail("qemu", fault.Message, fault.RecommendedAction ?? Install)];
        }
    }

    private static CheckItem Memory()
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string text = string.Create(CultureInfo.InvariantCulture, $"{available / (double)(1L << 30):0.0} GiB, {Environment.ProcessorCount} processors");
        return available < SmallMemory
            ? CheckItem.Warn("memory", text, "That is little for guests.")
            : CheckItem.Pass("memory", text);
    }

    private async ValueTask<CheckItem> DaemonAsync(CancellationToken cancel)
    {
        if (!File.Exists(directories.Socket))
            return CheckItem.Warn("daemon", $"no virtd listens at {directories.Socket}", "Start it: systemctl start virtd, or run virtd.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(directories.Socket), cancel).ConfigureAwait(false);
            return CheckItem.Pass("daemon", $"virtd answers at {directories.Socket}");
        }
        catch (SocketException refused)
        {
            return CheckItem.Fail("daemon", $"{directories.Socket}: {refused.Message}", "Start virtd; if it runs, look at the socket's owner and mode.");
        }
    }
}
