using System.Runtime.InteropServices;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// What virtd has noted of an image beside its content, where no guest and no QEMU can write: which format it was made with or given to a
/// guest as, and the image below it. What an image says of itself later does not count against it.
/// </summary>
/// <param name="Format">Its format.</param>
/// <param name="Backing">The path of the image below it; null for none.</param>
/// <param name="BackingFormat">That image's format.</param>
internal sealed record ImageNote(string Format, string? Backing = null, string? BackingFormat = null)
{
    private const string Name = "image";
    private const string Version = "1";

    /// <summary>Reads it; null when there is none.</summary>
    public static ImageNote? Read(SafeHandle file) => FileAttribute.Read(file, Name)?.Split('\n') switch
    {
        [Version, var format] => new ImageNote(format),
        [Version, var format, var backing, var backingFormat] => new ImageNote(format, backing, backingFormat),
        _ => null,
    };

    /// <summary>Writes it; false where the file system keeps no such notes.</summary>
    public bool Write(SafeHandle file) =>
        FileAttribute.Write(file, Name, Backing is null ? $"{Version}\n{Format}" : $"{Version}\n{Format}\n{Backing}\n{BackingFormat}");

    /// <summary>Throws unless an image may be used as a format.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationDenied"/>.</exception>
    public void Demand(string format, string path)
    {
        // An image may be raw to its guest and encrypted to QEMU.
        if (format != Format && !(format is "raw" or "luks" && Format is "raw" or "luks"))
        {
            throw VirtException.Create(
                VirtErrorCode.OperationDenied, $"the image '{path}' is {Format} and is not used as {format}: a guest may have written what it looks like", path,
                $"Use it as {Format}. {Forget(path, $"you have converted it to {format} in its place")}");
        }
    }

    /// <summary>How an administrator has virtd forget the note.</summary>
    public static string Forget(string path, string reason) =>
        $"If {reason} yourself, have virtd forget what it knows of it: setfattr -x {FileAttribute.NameOf(Name)} '{path}'";
}
