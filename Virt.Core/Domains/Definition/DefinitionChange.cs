using System.Xml;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Applies a <see cref="DomainChange"/> to a definition, with the limits libvirt sets.</summary>
public static class DefinitionChange
{
    private static readonly LifecycleAction[] EndActions =
        [LifecycleAction.Destroy, LifecycleAction.Restart, LifecycleAction.RenameRestart, LifecycleAction.Preserve];

    /// <summary>Checks what can be said without looking at a domain.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    public static void Check(DomainChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Memory is <= 0 || change.MaximumMemory is <= 0)
            throw Invalid("memory must be more than zero");
        if (change.VCpu is <= 0 || change.MaximumVCpu is <= 0)
            throw Invalid("a domain has at least one virtual CPU");
        if (change.MaximumVCpu > DomainDefinition.MaximumVCpus)
            throw Invalid($"a domain has at most {DomainDefinition.MaximumVCpus} virtual CPUs");
        if (change.Title?.Any(char.IsControl) == true)
            throw Invalid("a title has one line and no control characters", "Put longer text into the description.");
        CheckText(change.Title, "title");
        CheckText(change.Description, "description");
        if (change.BootOrder?.FirstOrDefault(device => !DomainDevices.BootClasses.Contains(device)) is { } unknown)
            throw Invalid($"'{unknown}' is not a boot device", $"Use {string.Join(", ", DomainDevices.BootClasses)}.");
        CheckEnd(change.OnPoweroff, "power off");
        CheckEnd(change.OnReboot, "reboot");
        if (change.OnCrash is { } crash && !Enum.IsDefined(crash))
            throw Invalid($"{(int)crash} is not an action");
        if (change.Metadata is { } metadata)
            DefinitionMetadata.Parse(metadata);
        if (change.RemoveMetadata is { } removed && string.IsNullOrWhiteSpace(removed))
            throw Invalid("the namespace of the metadata to remove is empty");
    }

    /// <summary>Applies everything to the definition of the next start.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/> for what exceeds a maximum.</exception>
    public static void ApplyToConfig(DomainDefinition definition, DomainChange change)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(change);
        if (change.MaximumMemory is { } maximumMemory && maximumMemory != definition.MaximumMemory)
        {
            long memory = definition.Memory;
            definition.MaximumMemory = maximumMemory;
            definition.Memory = Math.Min(memory, maximumMemory);
        }

        if (change.MaximumVCpu is { } maximumVCpu && maximumVCpu != definition.MaximumVCpu)
        {
            int vcpu = definition.VCpu;
            definition.MaximumVCpu = maximumVCpu;
            definition.VCpu = Math.Min(vcpu, maximumVCpu);
        }

        if (change.BootOrder is { } order && !order.SequenceEqual(definition.BootOrder))
            definition.BootOrder = order;
        ApplyCommon(definition, change);
    }

    /// <summary>Applies what a running guest can take.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationInvalid"/> for what only the next start can take,
    /// <see cref="VirtErrorCode.InvalidArgument"/> for what exceeds a maximum.</exception>
    public static void ApplyToLive(DomainDefinition definition, DomainChange change)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(change);
        string? fixedPart = change.MaximumMemory is not null ? "maximum memory"
            : change.MaximumVCpu is not null ? "maximum number of virtual CPUs"
            : change.BootOrder is not null ? "boot order"
            : null;
        if (fixedPart is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, $"the {fixedPart} of the active domain '{definition.Name}' cannot be changed", definition.Name,
                "Change the definition of the next start, with the scope Config.");
        }

        ApplyCommon(definition, change);
    }

    private static void ApplyCommon(DomainDefinition definition, DomainChange change)
    {
        if (change.Memory > definition.MaximumMemory)
        {
            throw Invalid(
                $"{SizeWords.Format(change.Memory.Value)} of memory are more than the maximum of {SizeWords.Format(definition.MaximumMemory)} of '{definition.Name}'",
                "Raise the maximum memory first; that takes effect with the next start.");
        }

        if (change.VCpu > definition.MaximumVCpu)
        {
            throw Invalid(
                $"{change.VCpu} virtual CPUs are more than the maximum of {definition.MaximumVCpu} of '{definition.Name}'",
                "Raise the maximum number of virtual CPUs first; that takes effect with the next start.");
        }

        if (change.Memory is { } memory && memory != definition.Memory)
            definition.Memory = memory;
        if (change.VCpu is { } vcpu && vcpu != definition.VCpu)
            definition.VCpu = vcpu;
        if (change.Title is { } title)
            definition.Title = title.Trim();
        if (change.Description is { } description)
            definition.Description = description;
        if (change.OnPoweroff is { } poweroff && poweroff != definition.OnPoweroff)
            definition.OnPoweroff = poweroff;
        if (change.OnReboot is { } reboot && reboot != definition.OnReboot)
            definition.OnReboot = reboot;
        if (change.OnCrash is { } crash && crash != definition.OnCrash)
            definition.OnCrash = crash;
        if (change.RemoveMetadata is { } name)
            DefinitionMetadata.Remove(definition, name);
        if (change.Metadata is { } metadata)
            DefinitionMetadata.Set(definition, DefinitionMetadata.Parse(metadata));
    }

    private static void CheckEnd(LifecycleAction? action, string ending)
    {
        if (action is { } given && !EndActions.Contains(given))
            throw Invalid($"'{given}' is not an action for {ending}", "Use Destroy, Restart or Preserve.");
    }

    private static void CheckText(string? text, string what)
    {
        if (text is null)
            return;
        try
        {
            XmlConvert.VerifyXmlChars(text);
        }
        catch (XmlException)
        {
            throw Invalid($"the {what} has a character that XML cannot hold");
        }
    }

    private static VirtException Invalid(string message, string? action = null) =>
        new(VirtErrorCode.InvalidArgument, message, recommendedAction: action);
}
