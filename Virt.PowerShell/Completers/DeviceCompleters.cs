using System.Collections;
using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>The base of completers that look at the devices of the domain that was typed.</summary>
public abstract class DeviceCompleter : VirtCompleter
{
    private static readonly string[] DomainParameters = ["Name", "Domain", "InputObject", "VMName", "Uuid", "Id"];

    internal abstract string? Kind { get; }

    internal abstract (string? Key, string Tip) Key(VirtDevice device);

    internal sealed override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts, IDictionary? bound) =>
        completion.Devices(word, typedHosts, TypedDomains(bound), Kind, Key);

    private static string[] TypedDomains(IDictionary? bound)
    {
        object? typed = bound is null ? null : DomainParameters.Select(name => bound[name]).FirstOrDefault(value => value is not null);
        object? bare = Bare(typed);
        IEnumerable<object?> values = bare is IEnumerable many and not string ? many.Cast<object?>() : [bare];
        return [.. values.Select(Bare).Select(value => value switch
        {
            string text => text,
            VirtDomain domain => domain.Name,
            VirtDevice device => device.Domain.Name,
            _ => null,
        }).OfType<string>().Where(name => name.Length > 0)];
    }

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}

/// <summary>Completes targets of disks.</summary>
public sealed class DiskTargetCompleter : DeviceCompleter
{
    internal override string? Kind => "disk";

    internal override (string? Key, string Tip) Key(VirtDevice device) =>
        device is VirtDisk disk ? (disk.Target, $"{disk.Device}, {disk.Path ?? "empty"}") : (null, "");
}

/// <summary>Completes MAC addresses of network cards.</summary>
public sealed class NicMacCompleter : DeviceCompleter
{
    internal override string? Kind => "interface";

    internal override (string? Key, string Tip) Key(VirtDevice device) =>
        device is VirtNic nic ? (nic.MacAddress, $"{nic.SourceType} {nic.Source}, {nic.Model}".Trim()) : (null, "");
}

/// <summary>Completes aliases of devices.</summary>
public sealed class DeviceAliasCompleter : DeviceCompleter
{
    internal override string? Kind => null;

    internal override (string? Key, string Tip) Key(VirtDevice device) => (device.Alias, device.ToString());
}

/// <summary>Completes aliases of text consoles.</summary>
public sealed class ConsoleDeviceCompleter : DeviceCompleter
{
    internal override string? Kind => null;

    internal override (string? Key, string Tip) Key(VirtDevice device) => device.Type is "console" or "serial" or "parallel"
        ? (device.Alias, $"{device.Type}, {device.Model}")
        : (null, "");
}

/// <summary>Completes types of devices.</summary>
public sealed class DeviceTypeCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        Completion.Words(word, DeviceTypes.All.Select(type => (type, $"<{type}>")));
}

/// <summary>Completes types of devices that hashtables can say, with what they can have.</summary>
public sealed class DeviceTemplateCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        Completion.Words(
            word,
            DeviceTemplates.Names.Order(StringComparer.Ordinal)
                .Select(type => (type, string.Join(", ", DeviceTemplates.For(type).Keys.Select(key => key.Name)))));
}

/// <summary>Completes models of network cards.</summary>
public sealed class NicModelCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        Completion.Words(
            word,
            [
                ("e1000", "Intel PRO/1000, for old guests"), ("e1000e", "Intel 82574L"),
                ("ne2k_pci", "NE2000"), ("pcnet", "AMD PCnet"), ("rtl8139", "Realtek, for old guests"), ("virtio", "the fastest"),
                ("vmxnet3", "VMware's"),
            ]);
}
