using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>The addresses that the host has seen of its neighbours (<c>/proc/net/arp</c>), among them guests on its bridges.</summary>
internal sealed class HostNeighbours
{
    private const string Table = "/proc/net/arp";
    private const int Columns = 6;
    private const string Complete = "0x2";
    private readonly ILookup<string, string> _addresses;

    private HostNeighbours(IEnumerable<(string Mac, string Address)> addresses) =>
        _addresses = addresses.ToLookup(pair => pair.Mac, pair => pair.Address, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads them now.</summary>
    public static HostNeighbours Read()
    {
        try
        {
            return Parse(File.ReadLines(Table), PrefixLength);
        }
        catch (IOException)
        {
            return new HostNeighbours([]);
        }
    }

    /// <summary>Reads the lines of the table.</summary>
    /// <param name="lines">The lines, a heading first: IP address, HW type, flags, HW address, mask, device.</param>
    /// <param name="prefix">The prefix length of an address on a device of the host.</param>
    public static HostNeighbours Parse(IEnumerable<string> lines, Func<IPAddress, string, int> prefix) => new(
        lines.Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length == Columns && words[2] == Complete && IPAddress.TryParse(words[0], out _))
            .Select(words => (words[3], string.Create(
                CultureInfo.InvariantCulture, $"{words[0]}/{prefix(IPAddress.Parse(words[0]), words[5])}"))).ToArray());

    /// <summary>The addresses of a card, as <c>192.168.122.7/24</c>.</summary>
    public IReadOnlyList<string> AddressesOf(string? mac) => mac is null ? [] : [.. _addresses[mac]];

    private static int PrefixLength(IPAddress address, string device)
    {
        byte[] bytes = address.GetAddressBytes();
        return NetworkInterface.GetAllNetworkInterfaces().Where(card => card.Name == device)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .FirstOrDefault(own => new IPNetwork(Masked(own.Address, own.PrefixLength), own.PrefixLength).Contains(address))?.PrefixLength ?? bytes.Length * 8;
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
