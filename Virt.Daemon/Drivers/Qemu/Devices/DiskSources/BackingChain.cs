using System.Xml.Linq;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>
/// Finds what an image is based on where the definition does not tell, and writes it as the <c>backingStore</c> of libvirt's live XML. An
/// image is believed once, before any guest has had it: what it says then is noted where no guest can write, and what it says later only
/// has to be the same.
/// </summary>
internal static class BackingChain
{
    private const int MaximumDepth = 64;

    /// <summary>Checks an image that a guest gets, and tells the one below it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="format">Its format, as the definition says.</param>
    /// <param name="isTold">Whether the definition tells what is below it.</param>
    /// <param name="writes">Whether the guest writes to it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The <c>backingStore</c> with one image, an empty one when there is none; null when the definition tells. And whether virtd has
    /// noted it; else there is nothing but the image's word.</returns>
    /// <exception cref="VirtException">The image is not what the definition says, or what it says is not to be believed.</exception>
    public static async ValueTask<(XElement? Below, bool IsNoted)> FindAsync(string path, string format, bool isTold, bool writes, CancellationToken cancel)
    {
        (ImageNote note, bool isNoted) = await ImageInspector.RunAsync(path, () => Look(path, format, isTold, writes), cancel).ConfigureAwait(false);
        if (isTold || !ImageFormats.CanHaveBacking(format))
            return (null, false);
        return (note.Backing is null ? new XElement("backingStore") : Write(note), isNoted);
    }

    /// <summary>Throws when a chain has no end.</summary>
    public static void CheckDepth(int depth, string path)
    {
        if (depth > MaximumDepth)
            throw new VirtException(VirtErrorCode.OperationFailed, $"more than {MaximumDepth} images are below each other; the last is '{path}'", path, "Check that none is based on itself.");
    }

    private static (ImageNote Note, bool IsNoted) Look(string path, string format, bool isTold, bool writes)
    {
        using ImageFile? file = TryOpen(path);
        if (file is null)
            return (new ImageNote(format), false);
        ImageNote? known = file.Note;
        known?.Demand(format, path);
        ImageHead? head = ImageFormats.CanHaveBacking(format) ? file.ReadHead(format) : null;
        if (head?.HasDataFile == true)
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"the image '{path}' keeps its data in another file, which it names itself", path,
                "Convert it into one that does not: qemu-img convert -O qcow2.");
        }

        if (isTold)
            return (new ImageNote(format), false);
        ImageNote said = head is null ? new ImageNote(format) : Said(path, format, head);
        // What a guest only reads, and has nothing below it, it does not change.
        if (known is null)
            return (said, (writes || head is not null) && file.Remember(said));

        if (head is not null && (known.Backing, known.BackingFormat) != (said.Backing, said.BackingFormat))
        {
            throw VirtException.Create(
                VirtErrorCode.OperationDenied,
                $"the image '{path}' says that it is based on {Name(said)}, but it was based on {Name(known)} when virtd saw it first", path,
                $"Write what is below it into the definition (backingStore). {ImageNote.Forget(path, "you have changed it")}");
        }

        return (said, true);
    }

    // Whose links lead to it is looked at when the guest is given the file; here it is only read. What cannot be opened here, because it is not
    // there or only QEMU's user may, is opened by QEMU without anything below it.
    private static ImageFile? TryOpen(string path)
    {
        try
        {
            return ImageFile.Open(path, LinkRule.Reported);
        }
        catch (VirtException)
        {
            return null;
        }
    }

    private static ImageNote Said(string path, string format, ImageHead head)
    {
        if (head.Backing is not { } name)
            return new ImageNote(format);
        string below = ImagePath.Beside(path, name);
        if (!below.StartsWith('/'))
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"the image '{path}' is based on '{below}', which is no file of this host", path,
                "Write what is below it into the definition (backingStore).");
        }

        return new ImageNote(format, below, head.BackingFormat ?? throw new VirtException(
            VirtErrorCode.ConfigurationUnsupported, $"the image '{path}' does not record the format of '{below}', which it is based on", path,
            $"Record it: qemu-img rebase -u -b '{below}' -F FORMAT '{path}'; or write the chain into the definition (backingStore)."));
    }

    private static string Name(ImageNote note) => note.Backing is null ? "nothing" : $"'{note.Backing}' ({note.BackingFormat})";

    private static XElement Write(ImageNote note)
    {
        bool isBlock = note.Backing!.StartsWith("/dev/", StringComparison.Ordinal);
        return new XElement(
            "backingStore", new XAttribute("type", isBlock ? "block" : "file"),
            new XElement("format", new XAttribute("type", note.BackingFormat!)),
            new XElement("source", new XAttribute(isBlock ? "dev" : "file", note.Backing)));
    }
}
