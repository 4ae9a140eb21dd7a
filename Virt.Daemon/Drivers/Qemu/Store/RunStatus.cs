using System.Text.Json.Serialization;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>How far a run has come.</summary>
internal enum RunPhase
{
    /// <summary>QEMU is being started; the guest has not run yet.</summary>
    Starting,
    /// <summary>QEMU is being started and reads a saved state; until it is done the saved state counts.</summary>
    Restoring,
    /// <summary>The saved state has been read and must not be used again; the guest has not run on yet.</summary>
    Restored,
    /// <summary>The guest is up.</summary>
    Running,
    /// <summary>The guest is being saved.</summary>
    Saving,
}

/// <summary>What a later daemon must know to take over a guest that runs.</summary>
/// <param name="Format">The format of this file: 1.</param>
/// <param name="Name">The domain's name.</param>
/// <param name="Uuid">Its identity.</param>
/// <param name="Id">Its runtime id.</param>
/// <param name="Phase">How far the run has come.</param>
/// <param name="Pid">QEMU's process id; 0 when it is not known yet.</param>
/// <param name="StartTicks">When the process started, in clock ticks after boot.</param>
/// <param name="BootId">The boot it belongs to.</param>
/// <param name="State">The domain's state.</param>
/// <param name="Reason">Why.</param>
/// <param name="StartedAt">When this run began.</param>
/// <param name="StartPaused">Whether it is to stay paused when its start is done.</param>
/// <param name="AutoDestroy">Whether it ends with the connection that started it.</param>
/// <param name="Rebooting">Whether the guest's next power off is half of a reboot.</param>
/// <param name="Memory">The balloon's target, in bytes.</param>
/// <param name="Folder">The run's folder, with the monitor socket.</param>
/// <param name="Xml">The live definition.</param>
internal sealed record RunStatus(
    int Format, string Name, Guid Uuid, int Id, RunPhase Phase, int Pid, long StartTicks, string BootId, DomainState State,
    DomainStateReason Reason, DateTimeOffset StartedAt, bool StartPaused, bool AutoDestroy, bool Rebooting,
    long Memory, string Folder, string Xml)
{
    /// <summary>The format this version writes.</summary>
    public const int CurrentFormat = 1;
}

/// <summary>The JSON of status files.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(RunStatus))]
internal sealed partial class RunStatusJson : JsonSerializerContext;
