using System.Globalization;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>Ports of Open vSwitch bridges, through its own <c>ovs-vsctl</c>.</summary>
internal static class OpenVSwitch
{
    private const string TimeLimit = "--timeout=5";

    /// <summary>Adds a port.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="port">The tap interface.</param>
    /// <param name="identity">What Open vSwitch is told of the guest: external-ids.</param>
    /// <param name="vlans">Its VLANs; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    public static Task AddPortAsync(
        string bridge, string port, IReadOnlyDictionary<string, string> identity, PortVlans? vlans, CancellationToken cancel)
    {
        List<string> arguments = [TimeLimit, "--", "--if-exists", "del-port", port, "--", "add-port", bridge, port];
        if (vlans is not null)
            arguments.AddRange(Vlans(vlans));
        foreach ((string key, string value) in identity)
            arguments.AddRange(["--", "set", "Interface", port, $"external-ids:{key}=\"{value}\""]);
        return RunAsync(arguments, $"'{port}' cannot be made a port of the Open vSwitch bridge '{bridge}'", bridge, cancel);
    }

    /// <summary>Removes a port, if it is there.</summary>
    public static Task RemovePortAsync(string port) => RunAsync(
        [TimeLimit, "--", "--if-exists", "del-port", port], $"the Open vSwitch port '{port}' cannot be removed", port, CancellationToken.None);

    private static IEnumerable<string> Vlans(PortVlans vlans)
    {
        string tags = string.Join(',', vlans.Tags.Select(tag => tag.ToString(CultureInfo.InvariantCulture)));
        if (vlans.Native is { } native)
        {
            yield return vlans.NativeTagged ? "vlan_mode=native-tagged" : "vlan_mode=native-untagged";
            yield return string.Create(CultureInfo.InvariantCulture, $"tag={native}");
        }

        if (vlans.Trunk)
            yield return "trunk=" + tags;
        else if (vlans.Native is null)
            yield return "tag=" + tags;
    }

    private static Task RunAsync(IReadOnlyList<string> arguments, string what, string target, CancellationToken cancel)
    {
        string tool = HostTool.Find("ovs-vsctl") ?? throw new VirtException(
            VirtErrorCode.OperationFailed, $"{what}: 'ovs-vsctl' is not installed", target, "Install openvswitch-switch, or use a bridge of the kernel.");
        return HostTool.RunAsync(tool, arguments, what, target, cancel);
    }
}
