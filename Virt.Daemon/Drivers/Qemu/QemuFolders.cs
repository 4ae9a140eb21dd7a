using Virt.Daemon.Native;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>Where the QEMU driver keeps its files, below the daemon's folders.</summary>
internal sealed class QemuFolders
{
    /// <summary>The ending of files with UEFI variables, after the domain's name.</summary>
    public const string NvramExtension = "_VARS.fd";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public QemuFolders(VirtDirectories directories)
    {
        Definitions = Path.Combine(directories.Config, "qemu");
        Autostart = Path.Combine(Definitions, "autostart");
        DaemonRun = directories.Run;
        Run = Path.Combine(directories.Run, "qemu");
        SpareStatuses = Path.Combine(directories.Run, "qemu-spare");
        State = Path.Combine(directories.State, "qemu");
        SavedStates = Path.Combine(State, "save");
        Dumps = Path.Combine(State, "dump");
        Nvram = Path.Combine(State, "nvram");
        Memory = Path.Combine(State, "ram");
        Tpm = Path.Combine(State, "swtpm");
        Log = Path.Combine(directories.Log, "qemu");
        Owners = Path.Combine(State, "owners");
        HostSaves = Path.Combine(State, "host-saves");
    }

    /// <summary>Definitions: <c>NAME.xml</c>.</summary>
    public string Definitions { get; }

    /// <summary>Links to the definitions that start with the host.</summary>
    public string Autostart { get; }

    /// <summary>Where the daemon's own sockets are.</summary>
    public string DaemonRun { get; }

    /// <summary>Status files, <c>NAME.status</c>, and one folder per running guest.</summary>
    public string Run { get; }

    /// <summary>A second copy of each status file, <c>UUID.status</c>, where guests' processes cannot reach.</summary>
    public string SpareStatuses { get; }

    /// <summary>What belongs to guests and outlives their runs.</summary>
    public string State { get; }

    /// <summary>Managed saves: <c>NAME.save</c>.</summary>
    public string SavedStates { get; }

    /// <summary>Memory of guests that crashed.</summary>
    public string Dumps { get; }

    /// <summary>Variables of UEFI guests: <c>NAME_VARS.fd</c>.</summary>
    public string Nvram { get; }

    /// <summary>Where memory lies that is backed by files, in a folder of each guest; QEMU leaves no file behind.</summary>
    public string Memory { get; }

    /// <summary>What emulated TPMs have stored: a folder per domain.</summary>
    public string Tpm { get; }

    /// <summary>Logs: <c>NAME.log</c>.</summary>
    public string Log { get; }

    /// <summary>Whose the files were that guests have: <c>UUID.json</c>.</summary>
    public string Owners { get; }

    /// <summary>Which guests were saved because the host shut down: a file for each.</summary>
    public string HostSaves { get; }

    /// <summary>The log of a domain.</summary>
    public string LogOf(string name) => Path.Combine(Log, name + ".log");

    /// <summary>The file with a domain's UEFI variables, unless its definition names another.</summary>
    public string NvramOf(string name) => Path.Combine(Nvram, name + NvramExtension);

    /// <summary>The folder for a guest's memory.</summary>
    public string MemoryOf(Guid uuid) => Path.Combine(Memory, uuid.ToString("D"));

    /// <summary>The folder of a domain's run: sockets and the pid file.</summary>
    public string RunOf(Guid uuid) => Path.Combine(Run, uuid.ToString("D"));

    /// <summary>The domains that have something of their identity's name in a folder.</summary>
    public static IEnumerable<Guid> DomainsIn(string folder)
    {
        foreach (string path in Folders.List(folder))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "D", out Guid domain))
                yield return domain;
        }
    }

    /// <summary>Makes the folders, for the daemon's user alone; a file in the place of one is set aside.</summary>
    /// <param name="logger">Told of what is set aside.</param>
    /// <param name="passable">Whether the users that guests run as pass through those in which a guest has something of its own.</param>
    public void Create(ILogger logger, bool passable = false)
    {
        foreach (string folder in (ReadOnlySpan<string>)[Definitions, Autostart, Run, SpareStatuses, State, SavedStates, Dumps, Nvram, Memory, Tpm, Log, Owners])
            StoredFiles.MakeFolder(folder, Private, logger);
        foreach (string folder in (ReadOnlySpan<string>)[Run, State, Nvram, Tpm, Memory])
        {
            using HostFolder made = HostFolder.Open(folder);
            // An earlier virtd gave that for memory to the user of all guests.
            if (made.Status.User != Accounts.Own)
                _ = FileOwner.Set(made.Handle, Accounts.Own, Accounts.OwnGroup);
            FileOwner.SetMode(made.Handle, passable ? Passable : Private);
        }
    }
}
