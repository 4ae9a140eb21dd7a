using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Definition.Tuning;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>A guest's control group with its limits, and in it groups of threads where these are limited apart.</summary>
/// <param name="limits">What the guest may take.</param>
/// <param name="root">The folder to make it in; the daemon's delegated one when null.</param>
internal sealed class GuestGroup(GroupLimits limits, string? root = null) : IHostResource
{
    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if ((root ?? DelegatedGroup.Find()) is not { } parent)
        {
            throw VirtException.Create(
                VirtErrorCode.ConfigurationUnsupported,
                $"domain '{host.Name}' is to be held to limits (cputune, memtune or blkiotune), and no control group is delegated to this daemon",
                host.Name, "Run virtd as a service with Delegate=yes and DelegateSubgroup=, on cgroup v2, or remove the limits.");
        }

        Try(host.Name, () =>
        {
            Write(parent, "cgroup.subtree_control", "+cpu +memory +io");
            string folder = Directory.CreateDirectory(FolderIn(parent, host.Uuid)).FullName;
            foreach ((string file, string value) in limits.Guest)
                Write(folder, file, WithNumbers(value));
        });
        return default;
    }

    /// <summary>Puts a guest's process into its group, and its threads into theirs.</summary>
    public void Enter(string name, Guid uuid, int process, GuestThreads threads)
    {
        if ((root ?? DelegatedGroup.Find()) is not { } parent)
            return;
        string folder = FolderIn(parent, uuid);
        Try(name, () =>
        {
            if (!limits.HasThreads || !Directory.Exists(Path.Combine(folder, "emulator")))
                Write(folder, "cgroup.procs", Text(process));
            if (!limits.HasThreads)
                return;
            EnterThreads(folder, "emulator", limits.Emulator, threads.Others);
            foreach ((int number, int thread) in threads.VCpus)
                EnterThreads(folder, $"vcpu{Text(number)}", limits.VCpu, [thread]);
            foreach ((int number, int thread) in threads.IOThreads)
                EnterThreads(folder, $"iothread{Text(number)}", limits.IOThread, [thread]);
        });
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        if ((root ?? DelegatedGroup.Find()) is not { } parent || FolderIn(parent, host.Uuid) is not { } folder || !Directory.Exists(folder))
            return default;
        // The files of a group are the kernel's and go with its folder; only folders are removed, the inner ones first.
        Try(host.Name, () =>
        {
            foreach (string threads in Directory.EnumerateDirectories(folder).ToArray())
                Directory.Delete(threads);
            Directory.Delete(folder);
        });
        return default;
    }

    private static void EnterThreads(string folder, string child, CpuBandwidth bandwidth, IReadOnlyList<int> threads)
    {
        string group = Path.Combine(folder, child);
        if (!Directory.Exists(group))
        {
            Directory.CreateDirectory(group);
            Write(group, "cgroup.type", "threaded");
            Write(folder, "cgroup.subtree_control", "+cpu");
        }

        if (bandwidth.Value is { } value)
            Write(group, "cpu.max", value);
        foreach (int thread in threads)
            Write(group, "cgroup.threads", Text(thread));
    }

    private static string FolderIn(string parent, Guid uuid) => Path.Combine(parent, $"guest-{uuid:D}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Write(string folder, string file, string value)
    {
        using FileStream stream = new(Path.Combine(folder, file), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(value));
    }

    /// <summary>The kernel calls a block device by its numbers, not by its path.</summary>
    private static string WithNumbers(string value)
    {
        if (value[0] != '/')
            return value;
        int end = value.LastIndexOf(' ');
        string path = value[..end];
        string device = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return File.ReadAllText($"/sys/class/block/{Path.GetFileName(device)}/dev").Trim() + value[end..];
    }

    private static void Try(string name, Action step)
    {
        try
        {
            step();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the control group of domain '{name}' cannot be used: {refused.Message}", name,
                "The kernel must take what cputune, memtune and blkiotune say.", refused);
        }
    }
}
