using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Definition.Tuning;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Groups;

/// <summary>
/// A guest's control group with its limits, and in it groups of threads where these are limited apart. It lies in the guest's
/// <see cref="GuestScope"/>, which exists once QEMU runs, or else in the daemon's <see cref="DelegatedGroup"/>.
/// </summary>
/// <param name="limits">What the guest may take.</param>
/// <param name="root">The folder to make it in, instead of these.</param>
internal sealed class GuestGroup(GroupLimits limits, string? root = null) : IHostResource
{
    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        if (root is null && !(GuestScope.IsAvailable && ControlGroups.HasControllers) && DelegatedGroup.Find() is null)
            throw NoGroup(host.Name);
        return default;
    }

    /// <summary>Puts a guest's process into its group, and its threads into theirs, and sets the limits.</summary>
    public void Enter(string name, Guid uuid, int process, GuestThreads threads)
    {
        string parent = root ?? GuestScope.FolderOf(process) ?? DelegatedGroup.Find() ?? throw NoGroup(name);
        string folder = FolderIn(parent, uuid);
        Try(name, () =>
        {
            Directory.CreateDirectory(folder);
            if (!limits.HasThreads || !Directory.Exists(Path.Combine(folder, "emulator")))
                Write(folder, "cgroup.procs", Text(process));
            // Not before the process has left it: a group that divides has no processes of its own.
            Write(parent, "cgroup.subtree_control", "+cpu +memory +io");
            foreach ((string file, string value) in limits.Guest)
                Write(folder, file, WithNumbers(value));
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
        // A scope goes with its last process, and all groups in it.
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

    private static VirtException NoGroup(string name) => VirtException.Create(
        VirtErrorCode.ConfigurationUnsupported,
        $"domain '{name}' is to be held to limits (cputune, memtune or blkiotune), and no control group is delegated to this daemon",
        name, "Run virtd as a systemd service on a host with cgroup v2, or remove the limits.");

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
