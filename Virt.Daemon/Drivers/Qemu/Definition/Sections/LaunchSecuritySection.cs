using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>launchSecurity</c>: memory that the host cannot read. AMD SEV, on a host that has it.</summary>
internal sealed class LaunchSecuritySection : GuestSection
{
    private const string Device = "/dev/sev";
    private const string Id = "lsec0";
    private readonly JsonObject? _guest;
    private readonly bool? _kernelHashes;

    public LaunchSecuritySection(GuestContext context)
        : base(context)
    {
        if (context.General.Root.Element("launchSecurity") is not { } element)
            return;
        string type = element.Choice("type", "sev", "sev-snp", "s390-pv", "tdx") ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        if (type != "sev")
        {
            context.FailStart(element, $"{context.Capabilities.Emulator} {context.Capabilities.Version} has no launch security '{type}' for x86");
            return;
        }

        _kernelHashes = element.Flag("kernelHashes");
        long policy = element.Element("policy")?.Number(0, uint.MaxValue) ?? throw XmlFault.Invalid(element, "the element policy is missing");
        long? bit = element.Element("cbitpos")?.Number(0, 63), reduced = element.Element("reducedPhysBits")?.Number(0, 63);
        if (context.Accelerator != Accelerator.Kvm || !File.Exists(Device))
            context.FailStart(element, $"AMD SEV needs a domain of type 'kvm' and a host with '{Device}'", "Remove the element.");
        else if (bit is null || reduced is null)
            context.FailStart(element, "the elements cbitpos and reducedPhysBits are missing", "The host's domain capabilities tell them (sev).");
        _guest = JsonProperties.Object("sev-guest", Id).With("cbitpos", bit).With("reduced-phys-bits", reduced).With("policy", policy);
        foreach (string blob in (ReadOnlySpan<string>)["dhCert", "session"])
        {
            if (element.Element(blob) is { } given)
                context.FailStart(given, "the blobs of a guest owner are not supported", "Launch without them.");
        }
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments) =>
        arguments.Machine.With("confidential-guest-support", _guest is null ? null : Id);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_guest is null)
            return;
        arguments.AddObject(_guest.DeepClone().AsObject().With("kernel-hashes", _kernelHashes));
    }
}
