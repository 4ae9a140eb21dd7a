using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>What <c>os</c> says of firmware, checked: a kind that is to be found (<c>os firmware</c>), or an image
/// (<c>loader</c>).</summary>
internal sealed class FirmwareRequest
{
    private readonly XElement _os;

    public FirmwareRequest(XElement os, bool hasAcpi)
    {
        _os = os;
        Kind = os.Choice("firmware", "bios", "efi");
        Loader = os.Element("loader");
        Nvram = os.Element("nvram");
        LoaderType = Loader?.Choice("type", "rom", "pflash");
        LoaderPath = os.PathOf("loader");
        ReadOnly = Loader?.Flag("readonly");
        Secure = Loader?.Flag("secure");
        Stateless = Loader?.Flag("stateless");
        foreach (XElement feature in os.Element("firmware")?.Elements("feature") ?? [])
            Read(feature);
        if (EnrolledKeys == true)
        {
            if (SecureBoot == false)
                throw XmlFault.Invalid(os.Element("firmware")!, "keys cannot be enrolled (enrolled-keys) without secure-boot");
            SecureBoot = true;
        }

        if (Kind is not null)
            CheckSelection();
        else
            CheckManual();
        CheckState();
        if ((Kind == "efi" || LoaderType == "pflash") && !hasAcpi)
            throw XmlFault.Unsupported(Loader ?? os, "UEFI needs ACPI", "Add <acpi/> to features.");
    }

    /// <summary><c>efi</c> or <c>bios</c> when the firmware is to be found; null when an image is named, or none.</summary>
    public string? Kind { get; }

    /// <summary>The element <c>loader</c>.</summary>
    public XElement? Loader { get; }

    /// <summary>The element <c>nvram</c>.</summary>
    public XElement? Nvram { get; }

    /// <summary><c>rom</c> or <c>pflash</c>.</summary>
    public string? LoaderType { get; private set; }

    /// <summary>The image.</summary>
    public string? LoaderPath { get; }

    /// <summary>Whether the guest cannot write the image.</summary>
    public bool? ReadOnly { get; }

    /// <summary>Whether only SMM may write flash.</summary>
    public bool? Secure { get; }

    /// <summary>Whether there are no variables that last.</summary>
    public bool? Stateless { get; }

    /// <summary>The feature <c>secure-boot</c>.</summary>
    public bool? SecureBoot { get; private set; }

    /// <summary>The feature <c>enrolled-keys</c>.</summary>
    public bool? EnrolledKeys { get; private set; }

    /// <summary>Whether the image is UEFI code whose variables lie apart.</summary>
    public bool IsSplitFlash => LoaderType == "pflash" && ReadOnly == true;

    private void Read(XElement feature)
    {
        bool enabled = feature.Flag("enabled") ?? throw XmlFault.Invalid(feature, "the attribute enabled is missing");
        if ((feature.Choice("name", "enrolled-keys", "secure-boot") ?? throw XmlFault.Invalid(feature, "the attribute name is missing")) == "secure-boot")
            SecureBoot = enabled;
        else
            EnrolledKeys = enabled;
    }

    private void CheckSelection()
    {
        string? given = ReadOnly is not null ? "readonly" : LoaderType is not null ? "type" : LoaderPath is not null ? "path"
            : Secure == false ? "secure='no'" : null;
        if (given is not null)
            throw Detail(Loader!, $"'{given}' cannot be given for a firmware that is selected (os firmware='{Kind}')");
        if (Nvram?.Attribute("template") is { } template)
            throw Detail(template, $"it cannot be given for a firmware that is selected (os firmware='{Kind}')");
        if (Nvram is not null && Kind != "efi")
            throw Detail(Nvram, $"firmware of kind '{Kind}' has no NVRAM");
    }

    private void CheckManual()
    {
        if (_os.Element("firmware") is { HasElements: true } features)
            throw Detail(features, "features choose among firmware only where it is selected", "Say os firmware='efi', without a loader.");
        if (Loader is null)
        {
            if (Nvram is not null)
                throw Detail(Nvram, "it has no effect without a loader");
            return;
        }

        if (LoaderPath is null)
            throw Detail(Loader, "it names no image, and no firmware is selected", "Name an image, or say os firmware='efi'.");
        LoaderType ??= "rom";
        Loader.SetAttributeValue("type", LoaderType);
    }

    private void CheckState()
    {
        if (Stateless == true && Nvram is not null)
            throw Detail(Nvram, "a stateless loader has none");
        if (Stateless == false && (Kind is null ? LoaderType != "pflash" : Kind != "efi"))
            throw Detail(Loader!, "only UEFI keeps a state in NVRAM");
    }

    private static VirtException Detail(XObject at, string message, string? action = null) => XmlFault.Invalid(at, message, action);
}
