using Virt.Domains.Definition;
using Virt.Hosts;

namespace Virt.PowerShell;

/// <summary>Fills into a specification what follows from the host.</summary>
internal static class DomainDraft
{
    public static DomainSpecification For(HostCapabilities capabilities, DomainSpecification wanted)
    {
        GuestCapabilities? guest = capabilities.Guests.FirstOrDefault(one => one.Architecture == capabilities.Architecture)
            ?? (capabilities.Guests.Count > 0 ? capabilities.Guests[0] : null);
        return wanted with
        {
            Type = wanted.Type.Length > 0 ? wanted.Type : TypeOf(capabilities, guest),
            Architecture = guest?.Architecture ?? capabilities.Architecture,
            Machine = wanted.Machine ?? (HasQ35(guest) ? "q35" : null),
        };
    }

    /// <summary>What is made, in words.</summary>
    public static string InWords(DomainSpecification domain, bool cloudInit)
    {
        var parts = new List<string>
        {
            SizeText.Humanise(domain.Memory),
            domain.VCpu == 1 ? "1 virtual CPU" : $"{domain.VCpu} virtual CPUs",
        };
        foreach ((DiskSpecification disk, Storage.ImageRequest? image) in ImagePlan.For(domain.Disks, domain.Name))
            parts.Add(InWords(disk, image));
        if (cloudInit)
            parts.Add($"new cloud-init seed '{ImagePlan.SeedName(domain.Name)}'");
        parts.AddRange(domain.Interfaces.Select(nic => $"network card on {nic.Describe()}"));
        parts.AddRange(domain.Graphics.Select(graphics => graphics.ToString()));
        parts.AddRange(domain.SharedFolders.Select(folder => $"shared folder {folder.Path}"));
        if (domain.Firmware == "efi" || domain.SecureBoot)
            parts.Add(domain.SecureBoot ? "EFI with secure boot" : "EFI");
        if (domain.Tpm)
            parts.Add("TPM");
        return string.Join(", ", parts);
    }

    /// <summary>A disk and the image that is made for it, in words.</summary>
    public static string InWords(DiskSpecification disk, Storage.ImageRequest? image)
    {
        if (image is null)
            return $"{disk.Device} {(disk.Path is null ? "drive" : $"'{disk.Path}'")}";
        string based = image.Backing is null ? "" : $" based on '{image.Backing}'";
        return $"new {(image.Capacity > 0 ? SizeText.Humanise(image.Capacity) + " " : "")}image '{image.Name}'{based}";
    }

    private static bool HasQ35(GuestCapabilities? guest) =>
        guest is not null && guest.Machines.Any(machine => machine.Alias == "q35" || machine.Name == "q35");

    private static string TypeOf(HostCapabilities capabilities, GuestCapabilities? guest)
    {
        if (guest is null || guest.DomainTypes.Count == 0)
            return capabilities.KvmUsable ? "kvm" : "qemu";
        if (capabilities.KvmUsable && guest.DomainTypes.Contains("kvm"))
            return "kvm";
        return guest.DomainTypes.Contains("qemu") ? "qemu" : guest.DomainTypes[0];
    }
}
