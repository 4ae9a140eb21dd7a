namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>libvirt and QEMU spell some CPU features differently.</summary>
internal static class CpuFeatureNames
{
    private static readonly Dictionary<string, string> Different = new(StringComparer.Ordinal)
    {
        ["cmp_legacy"] = "cmp-legacy",
        ["pclmuldq"] = "pclmulqdq",
        ["sse4.1"] = "sse4.1",
        ["sse4.2"] = "sse4.2",
        ["tsc_adjust"] = "tsc-adjust",
        ["ds_cpl"] = "ds-cpl",
        ["pni"] = "pni",
        ["clflushopt"] = "clflushopt",
    };

    /// <summary>QEMU's name of a feature it knows; null when it knows none.</summary>
    public static string? ToQemu(string name, IReadOnlySet<string> known)
    {
        if (Different.TryGetValue(name, out string? other) && known.Contains(other))
            return other;
        if (known.Contains(name))
            return name;
        string dashed = name.Replace('_', '-');
        return known.Contains(dashed) ? dashed : null;
    }
}
