using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>Finds the firmware for a request among the installed ones.</summary>
internal static class FirmwareSelector
{
    /// <summary>The image to start with.</summary>
    /// <exception cref="Errors.VirtException">There is none that fits; the message says what was asked for.</exception>
    public static FirmwareImage Select(FirmwareRequest request, GuestContext context)
    {
        if (request.Kind is null)
            return Manual(request, context);
        FirmwareDescriptor? found = FirmwareCatalog.Read(context.Host.FirmwareFolders)
            .FirstOrDefault(descriptor => Matches(descriptor, request, context));
        if (found is null)
        {
            // A machine's own BIOS needs no descriptor, and distributions ship none for it.
            if (request.Kind == "bios" && request.Loader?.HasAttributes != true)
                return FirmwareImage.Machine;
            throw XmlFault.Unsupported(
                context.General.Section("os"),
                $"no installed firmware of kind '{request.Kind}' fits the machine '{context.Machine.Name}'{Wishes(request)}",
                $"Install it (Debian: ovmf), or ask for less. Descriptors are looked for in {string.Join(", ", context.Host.FirmwareFolders)}.");
        }

        if (found.Format != "raw")
            throw XmlFault.Unsupported(context.General.Section("os"), $"the firmware '{found.Image}' has the format '{found.Format}', not raw");
        return found.Device == "flash"
            ? new FirmwareImage("pflash", found.Image, true, found.Features.Contains("requires-smm"), found.Template)
            : new FirmwareImage("rom", found.Image, true, false, null);
    }

    private static FirmwareImage Manual(FirmwareRequest request, GuestContext context)
    {
        if (request.Loader is null)
            return FirmwareImage.Machine;
        string? template = request.IsSplitFlash && request.Stateless != true
            ? request.Nvram?.Text("template") ?? TemplateFor(request.LoaderPath!, context)
            : null;
        return new FirmwareImage(
            request.LoaderType!, request.LoaderPath, request.ReadOnly == true || request.Stateless == true, request.Secure == true, template);
    }

    private static string? TemplateFor(string loader, GuestContext context)
    {
        FirmwareDescriptor? described = FirmwareCatalog.Read(context.Host.FirmwareFolders).FirstOrDefault(
            descriptor => descriptor.Image == loader && descriptor.Template is not null);
        if (described is not null)
            return described.Template;
        // Images that no descriptor tells of are named in pairs: OVMF_CODE.fd, OVMF_VARS.fd.
        string variables = System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(loader) ?? "/",
            System.IO.Path.GetFileName(loader).Replace("CODE", "VARS", StringComparison.Ordinal)
                .Replace("code", "vars", StringComparison.Ordinal).Replace(".secboot", "", StringComparison.Ordinal));
        return variables != loader && HostFile.Exists(variables) ? variables : null;
    }

    private static bool Matches(FirmwareDescriptor descriptor, FirmwareRequest request, GuestContext context)
    {
        IReadOnlySet<string> features = descriptor.Features;
        return descriptor.Interfaces.Contains(request.Kind == "efi" ? "uefi" : "bios")
            && descriptor.Device is "flash" or "memory"
            && descriptor.Fits(context.Capabilities.Architecture, context.Machine.Name)
            && (request.SecureBoot is null || request.SecureBoot == features.Contains("secure-boot"))
            && (request.EnrolledKeys is null || request.EnrolledKeys == features.Contains("enrolled-keys"))
            && (request.Secure != true || features.Contains("requires-smm"))
            && (Wants(context, "suspend-to-mem") != true || features.Contains("acpi-s3"))
            && (Wants(context, "suspend-to-disk") != true || features.Contains("acpi-s4"))
            && (descriptor.Device != "flash" || descriptor.Mode == (request.Stateless == true ? "stateless" : "split"));
    }

    private static bool? Wants(GuestContext context, string state) =>
        context.General.Root.Element("pm")?.Element(state)?.Flag("enabled");

    private static string Wishes(FirmwareRequest request)
    {
        List<string> wishes = [];
        if (request.SecureBoot is { } secure)
            wishes.Add(secure ? "with secure-boot" : "without secure-boot");
        if (request.EnrolledKeys is { } keys)
            wishes.Add(keys ? "with enrolled-keys" : "without enrolled-keys");
        if (request.Secure == true)
            wishes.Add("with SMM");
        if (request.Stateless == true)
            wishes.Add("stateless");
        return wishes.Count > 0 ? $" ({string.Join(", ", wishes)})" : "";
    }
}
