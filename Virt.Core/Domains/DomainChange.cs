using Virt.Rpc;

namespace Virt.Domains;

/// <summary>What the guest's ending does; libvirt's <c>on_poweroff</c>, <c>on_reboot</c>, <c>on_crash</c>.</summary>
public enum LifecycleAction
{
    /// <summary>The domain goes off.</summary>
    Destroy = 0,
    /// <summary>The domain starts again with the same definition.</summary>
    Restart = 1,
    /// <summary>The domain starts again under another name (not offered by QEMU).</summary>
    RenameRestart = 2,
    /// <summary>The domain stays as it is, for inspection.</summary>
    Preserve = 3,
    /// <summary>The guest's memory is dumped, then the domain goes off.</summary>
    CoredumpDestroy = 4,
    /// <summary>The guest's memory is dumped, then the domain starts again.</summary>
    CoredumpRestart = 5,
}

/// <summary>A change of a domain: what is null stays as it is. A change that changes nothing writes nothing.</summary>
/// <param name="Memory">Memory in bytes: the balloon's target live, <c>currentMemory</c> in the definition.</param>
/// <param name="MaximumMemory">Maximum memory in bytes; definition only.</param>
/// <param name="VCpu">Virtual CPUs.</param>
/// <param name="MaximumVCpu">Maximum virtual CPUs; definition only.</param>
/// <param name="Title">The title, one line; empty removes it.</param>
/// <param name="Description">The description; empty removes it.</param>
/// <param name="Autostart">Whether the daemon starts it with the host; persistent domains only.</param>
/// <param name="OnPoweroff">What happens when the guest powers off.</param>
/// <param name="OnReboot">What happens when the guest reboots.</param>
/// <param name="OnCrash">What happens when the guest crashes.</param>
/// <param name="BootOrder">Boot device classes in order: <c>hd</c>, <c>cdrom</c>, <c>network</c>, <c>fd</c>; definition only.</param>
/// <param name="Metadata">An element in a namespace of its own to put under <c>metadata</c>, in the place of one with the same
/// namespace.</param>
/// <param name="RemoveMetadata">The namespace whose element under <c>metadata</c> is removed.</param>
[Wire]
public sealed record DomainChange(
    long? Memory = null,
    long? MaximumMemory = null,
    int? VCpu = null,
    int? MaximumVCpu = null,
    string? Title = null,
    string? Description = null,
    bool? Autostart = null,
    LifecycleAction? OnPoweroff = null,
    LifecycleAction? OnReboot = null,
    LifecycleAction? OnCrash = null,
    IReadOnlyList<string>? BootOrder = null,
    string? Metadata = null,
    string? RemoveMetadata = null);
