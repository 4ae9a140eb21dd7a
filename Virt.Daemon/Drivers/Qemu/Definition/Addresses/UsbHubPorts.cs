using System.Globalization;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>The ports of a USB controller or hub, and the hubs plugged into them.</summary>
/// <param name="count">How many there are, numbered from 1.</param>
internal sealed class UsbHubPorts(int count)
{
    private readonly bool[] _taken = new bool[count + 1];
    private readonly UsbHubPorts?[] _hubs = new UsbHubPorts?[count + 1];

    /// <summary>Takes a port; the reason when that cannot be.</summary>
    /// <param name="path">The numbers on the way.</param>
    /// <param name="hub">The ports of the hub that is plugged there; null for another device.</param>
    public string? Take(IReadOnlyList<int> path, UsbHubPorts? hub)
    {
        UsbHubPorts at = this;
        foreach (int number in path.Take(path.Count - 1))
        {
            if (!at.Has(number) || at._hubs[number] is not { } next)
                return $"there is no hub at port {number} of the way";
            at = next;
        }

        int port = path[^1];
        if (!at.Has(port))
            return $"there are ports 1 to {at._taken.Length - 1}, not {port}";
        if (at._taken[port])
            return "it is taken";
        at._taken[port] = true;
        at._hubs[port] = hub;
        return null;
    }

    /// <summary>The first free port, on this one before the hubs behind it; null when all are taken.</summary>
    public string? Free(int depth = 1)
    {
        int port = Array.IndexOf(_taken, false, 1);
        if (port > 0)
            return port.ToString(CultureInfo.InvariantCulture);
        for (int number = 1; number < _hubs.Length && depth < UsbPort.MaximumDepth; number++)
        {
            if (_hubs[number]?.Free(depth + 1) is { } behind)
                return string.Create(CultureInfo.InvariantCulture, $"{number}.{behind}");
        }

        return null;
    }

    private bool Has(int port) => port > 0 && port < _taken.Length;
}
