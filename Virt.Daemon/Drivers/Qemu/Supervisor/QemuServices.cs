using Microsoft.Extensions.Logging;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Store;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>What all supervisors of a host share.</summary>
internal sealed record QemuServices(
    QemuFolders Folders, DefinitionStore Definitions, AutostartMarks Autostart, RunStatusStore Statuses, SavedStateStore SavedStates,
    ProcessLauncher Launcher, QemuUsers Users, GuestUserIds UserIds, FileOwnership Ownership, IGuestPlanner Planner, DomainEvents Events, DomainTable Table, DomainIds Ids, LogKeeper Logs, ILogger Logger,
    CancellationToken Stopping);
