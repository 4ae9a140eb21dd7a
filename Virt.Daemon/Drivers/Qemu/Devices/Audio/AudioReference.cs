using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>audio id</c> of a sound card or display: where its sound goes. The first unless it says.</summary>
internal sealed class AudioReference(XElement element, GuestContext context)
{
    private readonly int? _id = element.Element("audio") is { } audio
        ? audio.Integer("id", 1, int.MaxValue) ?? throw XmlFault.Invalid(audio, "the attribute id is missing")
        : null;

    /// <summary>Whether it says.</summary>
    public bool IsGiven => _id is not null;

    /// <summary>Where it goes; null when there is none.</summary>
    public AudioDevice? Audio => context.Of<AudioDevice>().FirstOrDefault(audio => _id is null || audio.Number == _id);

    /// <summary>QEMU's id of it; null when there is none.</summary>
    public string? Id => Audio?.Id;

    /// <summary>Throws when what it names is not there; asked once all devices are read.</summary>
    public void Check()
    {
        if (IsGiven && Audio is null)
            throw XmlFault.Unsupported(element.Element("audio")!, $"there is no audio with the id {_id}");
    }
}
