using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Tuning;

/// <summary>How much processor time some threads get: <paramref name="Quota"/> microseconds in every <paramref
/// name="Period"/> microseconds; null for the kernel's default, -1 for no limit.</summary>
internal sealed record CpuBandwidth(long? Period, long? Quota)
{
    private const long MaximumQuota = 17592186044415;

    /// <summary>The value of cgroup's <c>cpu.max</c>; null when nothing is said.</summary>
    public string? Value => Period is null && Quota is null ? null : string.Create(
        CultureInfo.InvariantCulture, $"{(Quota is > 0 and var quota ? quota.ToString(CultureInfo.InvariantCulture) : "max")} {Period ?? 100_000}");

    /// <summary>Reads <c>PREFIXperiod</c> and <c>PREFIXquota</c> of <c>cputune</c>; 0 says nothing.</summary>
    public static CpuBandwidth Read(XElement? tuning, string prefix)
    {
        long? period = tuning?.Element(prefix + "period") is { } every ? every.Number(0, 1_000_000) : null;
        if (period is > 0 and < 1000)
            throw XmlFault.Unsupported(tuning!.Element(prefix + "period")!, "a period is 1000 to 1000000 microseconds");
        long? quota = tuning?.Element(prefix + "quota") is { } part ? part.Number(long.MinValue, MaximumQuota) : null;
        if (quota is > 0 and < 1000)
            throw XmlFault.Unsupported(tuning!.Element(prefix + "quota")!, $"a quota is 1000 to {MaximumQuota} microseconds, or negative for none");
        return new CpuBandwidth(period is 0 ? null : period, quota is 0 ? null : quota < 0 ? -1 : quota);
    }
}
