using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>The base of commands that set what devices are. A device that is so already is not touched.</summary>
public abstract class DeviceEditCommand : DeviceChangeCommand
{
    private IReadOnlyList<DeviceEdit> _edits = [];

    /// <summary>Returns the device as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            _edits = [.. Edits()];
        }
        catch (Exception malformed) when (malformed is FormatException or VirtException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                malformed as VirtException ?? new VirtException(VirtErrorCode.InvalidArgument, malformed.Message), null));
        }

        if (_edits.Count == 0 && !ChangesElse)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                new VirtException(VirtErrorCode.InvalidArgument, "nothing to change was given", null, Example), null));
        }
    }

    /// <summary>What the parameters change.</summary>
    internal abstract IEnumerable<DeviceEdit> Edits();

    /// <summary>What to do when nothing to change was given.</summary>
    internal abstract string Example { get; }

    /// <summary>Whether there is something to change that is no edit of the element.</summary>
    internal virtual bool ChangesElse => false;

    /// <summary>The devices that are meant.</summary>
    internal abstract IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices);

    /// <summary>Words for what is changed apart from the element.</summary>
    internal virtual IEnumerable<string> ElseInWords() => [];

    /// <summary>Refuses a device that cannot be changed so; null when it can.</summary>
    internal virtual VirtException? Refuse(VirtDevice device) => null;

    /// <summary>Looks up what a change needs of the host.</summary>
    internal virtual Task PrepareAsync(VirtDevice device, XElement changed, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Changes what is no edit of the element.</summary>
    internal virtual Task<DeviceChange?> ChangeElseAsync(VirtDevice device, CancellationToken cancel) => Task.FromResult<DeviceChange?>(null);

    internal sealed override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        string words = string.Join(", ", _edits.Select(edit => edit.Words).Concat(ElseInWords()));
        var agreed = new List<VirtDevice>();
        foreach (VirtDevice device in Meant(domain, given, devices))
        {
            if (Refuse(device) is { } refusal)
                Fail(refusal, device);
            else if (Agreed(domain, $"Set {words} of {device} of domain '{domain.Name}'"))
                agreed.Add(device);
        }

        BeginEach(agreed, ChangeAsync);
    }

    private async Task ChangeAsync(VirtDevice device, CancellationToken cancel)
    {
        VirtDevice after = device;
        if (_edits.Count > 0)
        {
            XElement changed = DeviceEdit.Apply(device.Element, _edits);
            await PrepareAsync(device, changed, cancel).ConfigureAwait(false);
            if (XNode.DeepEquals(Normal(changed), Normal(device.Element)))
            {
                Warn($"The {device} of '{device.Domain.Name}' on {device.VirtHost.Name} is already so.");
            }
            else
            {
                string xml = changed.ToString();
                DeviceChange change = await CallAsync(
                    device.Domain, "UpdateDevice",
                    (driver, token) => driver.UpdateDeviceAsync(device.Domain.Uuid, xml, Scope, token), cancel).ConfigureAwait(false);
                Tell(change);
                after = After(device.Domain, device.Type, change);
            }
        }

        if (await ChangeElseAsync(device, cancel).ConfigureAwait(false) is { } more)
        {
            Tell(more);
            after = After(device.Domain, device.Type, more);
        }

        if (PassThru)
            Emit(await RenewAsync(after, cancel).ConfigureAwait(false));
    }

    // Sizes, addresses and presence are for the host to tell.
    private async Task<VirtDevice> RenewAsync(VirtDevice device, CancellationToken cancel)
    {
        var filter = new DomainFilter(Uuids: [device.Domain.Uuid]);
        DeviceQuery query = Query with { Kinds = [device.Type], Details = true };
        IReadOnlyList<DomainDeviceList> lists = await CallAsync(
            device.Domain, "ListDomainDevices", (driver, token) => driver.ListDomainDevicesAsync(filter, query, token), cancel)
            .ConfigureAwait(false);
        return lists.SelectMany(list => list.Devices).Select(record => Wrap(device.Domain, record))
            .FirstOrDefault(one => one.Key is { } key && key == device.Key) ?? device;
    }

    // The order of children says nothing, and an empty one is the same in either spelling.
    private static XElement Normal(XElement device) => new(
        device.Name, device.Attributes().OrderBy(attribute => attribute.Name.LocalName, StringComparer.Ordinal),
        device.Elements().OrderBy(child => child.Name.LocalName, StringComparer.Ordinal).Select(Normal),
        device.HasElements || device.Value.Length == 0 ? null : device.Value);
}
