using System.Management.Automation;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Hosts;
using Virt.Storage;

namespace Virt.PowerShell;

/// <summary>Makes a domain from a few parameters, from domain XML, or from files with domain XML.</summary>
[Cmdlet(
    VerbsCommon.New, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low,
    DefaultParameterSetName = ParametersSet)]
[OutputType(typeof(VirtDomain))]
public sealed partial class NewVirtDomainCommand : DomainXmlCommand
{
    private const string ParametersSet = "Parameters";
    private const string XmlSet = "Xml";
    private const string PathSet = "Path";

    private DomainMaker? _maker;

    private DomainMaker DomainMaker => _maker ??= Maker(Transient);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Transient && Autostart)
            End("a transient domain cannot start with its host", "Leave -Transient or -Autostart out.");
        if (Kernel is null && (Initrd is not null || CommandLine is not null))
            End("-Initrd and -CommandLine go with a kernel", "Add -Kernel with the path of one.");
        if (MaximumMemory < Memory)
            End("-MaximumMemory is less than -Memory", "Give at least as much.");
        if (MaximumVCpu < VCpu)
            End("-MaximumVCpu is less than -VCpu", "Give at least as many.");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        VirtHost host = OneHost();
        if (ParameterSetName == ParametersSet)
            MakeFromParameters(host);
        else
            MakeAll(host, DomainMaker, ParameterSetName == PathSet ? Files(Resolve(Path)) : Documents(Xml));
        WriteReady();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Rest().ToArray() is { Length: > 0 } rest)
            MakeAll(OneHost(), DomainMaker, rest);
        WriteUntilDone();
    }

    private void MakeFromParameters(VirtHost host)
    {
        DomainSpecification wanted;
        CloudInitSeed? seed;
        try
        {
            // Images are named after the domain, so its name is looked at before they are.
            DomainName.Check(Name);
            wanted = Wanted();
            seed = CloudInit is null ? null : CloudInitSpec.Read(CloudInit, Name, GetUnresolvedProviderPathFromPSPath);
        }
        catch (Exception malformed) when (malformed is VirtException or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(malformed, Name));
            return;
        }

        DomainSpecification domain = AwaitOrEnd(Name, cancel => DraftAsync(host, wanted, cancel));
        string effect = $"{DomainMaker.Verb} domain '{Name}' on {host.Name}: {DomainDraft.InWords(domain, seed is not null)}";
        if (ShouldProcess(effect, effect + "?", "Confirm"))
            Begin(Name, cancel => DomainMaker.MakeAsync(host, Name, null, (storage, token) => WriteAsync(domain, seed, storage, token), cancel));
    }

    private async Task<DomainSpecification> DraftAsync(VirtHost host, DomainSpecification wanted, CancellationToken cancel)
    {
        HostCapabilities capabilities = await CallAsync(
            host, "GetHostCapabilities", (driver, token) => driver.GetHostCapabilitiesAsync(token), cancel).ConfigureAwait(false);
        DomainSpecification domain = DomainDraft.For(capabilities, wanted);
        // What cannot be written is told before anything is made.
        DomainXmlBuilder.Build(domain);
        return domain;
    }

    private static async Task<string> WriteAsync(
        DomainSpecification domain, CloudInitSeed? seed, MadeStorage storage, CancellationToken cancel)
    {
        IReadOnlyList<DiskSpecification> disks = await storage.ProvideAsync(domain.Disks, domain.Name, cancel).ConfigureAwait(false);
        if (seed is not null)
            disks = [.. disks, await storage.SeedAsync(seed, cancel).ConfigureAwait(false)];
        return DomainXmlBuilder.Build(domain with { Disks = disks });
    }

    private DomainSpecification Wanted() => new(Name, Type ?? "", Memory, VCpu)
    {
        MaximumMemory = MaximumMemory,
        MaximumVCpu = MaximumVCpu,
        Cpu = Cpu,
        Machine = Machine,
        Firmware = Firmware,
        SecureBoot = SecureBoot,
        Title = Title,
        Description = Description,
        Metadata = [.. Metadata.Select(XmlText.ToMetadata)],
        Disks = [.. Disk, .. Cdrom],
        Kernel = Kernel,
        Initrd = Initrd,
        CommandLine = CommandLine,
        BootOrder = BootOrder,
        Interfaces = [.. (Network ?? [new InterfaceSpecification("user")]).Where(nic => nic.Type != NicSpec.None)],
        Graphics = [.. Graphics.Where(display => display.Type != GraphicsSpec.None)],
        Video = Video,
        Serial = Serial,
        Tpm = Tpm,
        SharedFolders = SharedFolder,
    };
}
