using System.Runtime.InteropServices;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>backend type='emulator'</c> of a TPM: which TPM swtpm is to be.</summary>
internal sealed class TpmEmulator
{
    private static readonly string[] Banks = ["sha1", "sha256", "sha384", "sha512"];

    public TpmEmulator(XElement backend, string model, GuestContext context)
    {
        Version = backend.Choice("version", "default", "1.2", "2.0") is ("1.2" or "2.0") and var version
            ? version
            : model == "tpm-crb" ? "2.0" : "1.2";
        if (Version == "1.2" && model == "tpm-crb")
            throw XmlFault.Unsupported(backend, "a TPM 1.2 has not the interface 'tpm-crb'", "Use model='tpm-tis', or version='2.0'.");
        backend.SetAttributeValue("version", Version);
        KeepsState = backend.Flag("persistent_state") ?? false;
        DebugLevel = backend.Integer("debug", 0, 20);
        if (backend.Element("active_pcr_banks") is { } banks)
        {
            foreach (XElement bank in banks.Elements())
            {
                if (!Banks.Contains(bank.Name.LocalName))
                    throw XmlFault.Unsupported(bank, $"there is no PCR bank '{bank.Name.LocalName}'", $"Use {string.Join(", ", Banks)}.");
            }

            if (Version != "2.0" && banks.HasElements)
                throw XmlFault.Invalid(banks, "only a TPM 2.0 has PCR banks to choose from");
            ActiveBanks = [.. Banks.Where(bank => banks.Element(bank) is not null)];
        }

        if (backend.Element("encryption") is { } encryption)
        {
            Secret = Guid.TryParse(encryption.Required("secret"), out Guid secret)
                ? secret
                : throw XmlFault.Invalid(encryption.Attribute("secret")!, $"'{encryption.Text("secret")}' is not a uuid");
        }

        if (TpmPrograms.Swtpm is null)
            context.FailStart(backend, "the TPM emulator swtpm is not installed on this host", "Install the package swtpm (Debian: swtpm, swtpm-tools).");
    }

    /// <summary>The TPM's version: <c>1.2</c> or <c>2.0</c>.</summary>
    public string Version { get; }

    /// <summary>Whether what it has stored outlives a transient domain.</summary>
    public bool KeepsState { get; }

    /// <summary>How much swtpm logs; null for its default.</summary>
    public int? DebugLevel { get; }

    /// <summary>The PCR banks that are active; empty when that is left to swtpm.</summary>
    public IReadOnlyList<string> ActiveBanks { get; } = [];

    /// <summary>The secret by which its state is encrypted; null when it is not.</summary>
    public Guid? Secret { get; }

    /// <summary>The secret's value, once it was looked up.</summary>
    public byte[]? Passphrase { get; set; }

    /// <summary>Opens the passphrase for a program to read; nothing when the state is not encrypted.</summary>
    public SafeHandle[] OpenPassphrase() => Secret is null
        ? []
        : [SecretPipe.OpenPlain(Passphrase ?? throw new InvalidOperationException("the TPM's secret was not looked up"))];
}
