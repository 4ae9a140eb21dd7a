using System.Globalization;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Storage;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>What a guest writes to a <c>transient</c> disk: an overlay beside the image that is there while the guest runs.</summary>
/// <param name="Image">The image below, which stays as it is.</param>
/// <param name="Format">Its format, as qemu-img calls it.</param>
/// <param name="Domain">The domain's name.</param>
internal sealed record TransientOverlay(string Image, string Format, string Domain) : IHostResource
{
    private static readonly TimeSpan MakeLimit = TimeSpan.FromSeconds(60);

    /// <summary>The file.</summary>
    public string File => $"{Image}.TRANSIENT-{Domain}";

    /// <summary>Writes its nodes above the image's and returns the name of the one the device reads.</summary>
    public string AddTo(QemuArguments arguments, DiskDriver driver, string image)
    {
        int number = arguments.NextNode();
        string storage = $"libvirt-{number}-storage";
        string name = $"libvirt-{number}-format";
        arguments.Add("-blockdev", new JsonObject { ["driver"] = "file", ["filename"] = File }.With("aio", driver.Aio).With("node-name", storage)
            .WithObject("cache", driver.CacheJson()).With("auto-read-only", true).With("discard", "unmap"));
        arguments.Add("-blockdev", new JsonObject { ["node-name"] = name }.With("read-only", false).With("discard", driver.Discard)
            .With("detect-zeroes", driver.DetectZeroes).WithObject("cache", driver.CacheJson()).With("driver", "qcow2")
            .With("file", storage).With("backing", image));
        return name;
    }

    /// <inheritdoc/>
    public async ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        HostFile.Delete(File);
        ImageRecord below = await ImageInspector.ReadAsync(Image, Format, cancel).ConfigureAwait(false);
        // The name of the image below is for people only (-u): the command line tells QEMU which node it is.
        await ImageTool.RunAsync(
            ["create", "-q", "-u", "-f", "qcow2", "-F", Format, "-b", Image, "--", File, below.Capacity.ToString(CultureInfo.InvariantCulture)],
            MakeLimit, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        HostFile.Delete(File);
        return ValueTask.CompletedTask;
    }
}
