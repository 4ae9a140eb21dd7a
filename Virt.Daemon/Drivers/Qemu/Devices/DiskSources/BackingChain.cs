using System.Xml.Linq;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>Reads from an image what it is based on, and writes it as the <c>backingStore</c> of libvirt's live XML.</summary>
internal static class BackingChain
{
    /// <summary>Whether images of the format can be based on another.</summary>
    public static bool CanHave(string format) => format is "qcow2" or "qcow" or "qed" or "vmdk";

    /// <summary>The chain below an image, an empty element when there is none; null when only QEMU can tell.</summary>
    public static async ValueTask<XElement?> FindAsync(string path, string format, CancellationToken cancel)
    {
        if (!CanHave(format))
            return null;
        if (format is "qcow2" or "qcow" && QcowHeader.ReadBacking(path) is null)
            return new XElement("backingStore");
        ImageRecord image = await ImageInspector.ReadAsync(path, format, cancel).ConfigureAwait(false);
        return image.Backing.All(layer => layer.Path.StartsWith('/')) ? Write(image) : null;
    }

    private static XElement Write(ImageRecord image)
    {
        var chain = new XElement("backingStore");
        string above = image.Path;
        var named = new List<ImageLayer>();
        foreach (ImageLayer layer in image.Backing)
        {
            named.Add(layer.Format is not null ? layer : throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported,
                $"the image '{above}' does not record the format of '{layer.Path}', which it is based on", above,
                $"Record it: qemu-img rebase -u -b '{layer.Path}' -F FORMAT '{above}'; or write the chain into the definition."));
            above = layer.Path;
        }

        foreach (ImageLayer layer in named.AsEnumerable().Reverse())
        {
            bool isBlock = layer.Path.StartsWith("/dev/", StringComparison.Ordinal);
            chain = new XElement(
                "backingStore", new XAttribute("type", isBlock ? "block" : "file"),
                new XElement("format", new XAttribute("type", layer.Format!)),
                new XElement("source", new XAttribute(isBlock ? "dev" : "file", layer.Path)), chain);
        }

        return chain;
    }
}
