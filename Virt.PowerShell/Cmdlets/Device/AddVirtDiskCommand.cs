using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Adds disks and drives to domains; an image that is not there yet is made.</summary>
[Cmdlet(VerbsCommon.Add, "VirtDisk", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = DiskSet)]
[OutputType(typeof(VirtDisk))]
public sealed partial class AddVirtDiskCommand : DeviceChangeCommand
{
    private const string DiskSet = "Disk";
    private const string ParametersSet = "Parameters";
    private DiskSpecification[] _disks = [];

    internal override string Kind => "disk";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            _disks = ParameterSetName == ParametersSet ? [DiskSpec.Check(FromParameters())] : Disk;
            // What cannot be written is told before anything is made.
            DiskXml.Build(_disks, [], ide: false);
        }
        catch (Exception malformed) when (malformed is FormatException or VirtException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                malformed as VirtException ?? new VirtException(VirtErrorCode.InvalidArgument, malformed.Message), null));
        }
    }

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        var agreed = new List<DiskSpecification>();
        foreach ((DiskSpecification disk, Storage.ImageRequest? image) in ImagePlan.For(_disks, ImageStem(domain, devices)))
        {
            if (Agreed(domain, $"Add {DomainDraft.InWords(disk, image)} to domain '{domain.Name}'"))
                agreed.Add(image is null ? disk : disk with { Path = image.Name, Format = image.Format });
        }

        string[] taken = [.. devices.OfType<VirtDisk>().Select(disk => disk.Target)];
        IReadOnlyList<XElement> elements = DiskXml.Build(agreed, taken, DiskTarget.IsIdeMachine(domain.Machine));
        DiskSpecification[] named = [.. agreed.Select((disk, index) => disk with
        {
            Target = (string)elements[index].Element("target")!.Attribute("dev")!,
            Bus = (string)elements[index].Element("target")!.Attribute("bus")!,
        })];
        BeginEach(named, (disk, cancel) => AttachAsync(domain, disk, cancel));
    }

    // The first image of a domain bears its name alone, and it has one.
    private static string ImageStem(VirtDomain domain, IReadOnlyList<VirtDevice> devices)
    {
        string[] names = [.. devices.OfType<VirtDisk>().Select(disk => disk.RawPath).OfType<string>()
            .Select(path => System.IO.Path.GetFileNameWithoutExtension(path))];
        if (!names.Contains(domain.Name))
            return domain.Name;
        for (int number = 2; ; number++)
        {
            if (!names.Contains($"{domain.Name}-{number}"))
                return $"{domain.Name}-{number}";
        }
    }

    private async Task AttachAsync(VirtDomain domain, DiskSpecification disk, CancellationToken cancel)
    {
        var storage = new MadeStorage(this, domain.VirtHost);
        try
        {
            IReadOnlyList<DiskSpecification> provided = await storage.ProvideAsync([disk], domain.Name, cancel).ConfigureAwait(false);
            string xml = DiskXml.Build(provided, [], ide: false)[0].ToString();
            DeviceChange change = await CallAsync(
                domain, "AttachDevice", (driver, token) => driver.AttachDeviceAsync(domain.Uuid, xml, Scope, token), cancel)
                .ConfigureAwait(false);
            Tell(change);
            Emit(After(domain, Kind, change, storage.Newest));
        }
        catch
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await storage.UndoAsync(patience.Token).ConfigureAwait(false);
            throw;
        }
    }
}
