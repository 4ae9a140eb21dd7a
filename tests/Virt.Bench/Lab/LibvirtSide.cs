namespace Virt.Bench.Lab;

/// <summary>libvirt's half: a libvirtd of its own in a mount namespace, and a Python client.</summary>
internal static class LibvirtSide
{
    /// <summary>Why it cannot be had on this machine; null when it can.</summary>
    public static string? Missing =>
        !Environment.IsPrivilegedProcess ? "libvirt's half needs root: its libvirtd has folders of its own, mounted over the machine's"
        : !File.Exists("/usr/sbin/libvirtd") ? "libvirtd is not installed: apt-get install libvirt-daemon libvirt-daemon-driver-qemu"
        : !File.Exists("/usr/lib/python3/dist-packages/libvirt.py") ? "libvirt's Python binding is not installed: apt-get install python3-libvirt"
        : null;

    /// <summary>Starts it; with it comes libvirt's version, as <c>major * 1,000,000 + minor * 1,000 + release</c>.</summary>
    public static async Task<(JsonWorker Worker, Version Version)> StartAsync(string folder, CancellationToken cancel)
    {
        string xml = Path.Combine(folder, "domain.xml");
        await File.WriteAllTextAsync(xml, Guests.Template, cancel).ConfigureAwait(false);
        (JsonWorker worker, IReadOnlyList<double> greeting) = await JsonWorker.StartAsync(
            "libvirt's half", "unshare",
            ["--mount", "--propagation", "private", "sh", Path.Combine(AppContext.BaseDirectory, "scripts", "libvirt_lab.sh"), folder, xml],
            cancel).ConfigureAwait(false);
        int version = (int)greeting[0];
        return (worker, new Version(version / 1_000_000, version / 1000 % 1000, version % 1000));
    }
}
