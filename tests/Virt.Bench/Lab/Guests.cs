using System.Globalization;

namespace Virt.Bench.Lab;

/// <summary>The domains that both sides work on.</summary>
internal static class Guests
{
    /// <summary>How many are started together.</summary>
    public const int Many = 50;

    /// <summary>How many callers libvirt has for those.</summary>
    public const int Callers = 16;

    /// <summary>The definition; <c>%05d</c> stands for the number.</summary>
    public const string Template =
        """
        <domain type='qemu'><name>bench-%05d</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type></os>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/></devices></domain>
        """;

    /// <summary>A domain's name.</summary>
    public static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-{number:D5}");

    /// <summary>A domain's definition.</summary>
    public static string Xml(int number) =>
        Template.Replace("%05d", number.ToString("D5", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
