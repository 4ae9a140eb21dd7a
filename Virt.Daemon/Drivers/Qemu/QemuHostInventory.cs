using System.Text;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>The host as /proc, /sys and its emulators tell.</summary>
internal sealed class QemuHostInventory(QemuCapabilitiesCache capabilities) : IHostInventory
{
    private const int MaximumId = 128;
    private const string MachineIdFile = "/etc/machine-id";
    private readonly NodeReader _node = new();

    /// <inheritdoc/>
    public async ValueTask<HostRecord> GetHostAsync(CancellationToken cancel)
    {
        string? version = EmulatorSearch.Find() is { } emulator
            ? (await capabilities.GetAsync(emulator, null, cancel).ConfigureAwait(false)).Version
            : null;
        return new HostRecord(Environment.MachineName, "QEMU", version, Rpc.Daemon.Version, _node.Read());
    }

    /// <inheritdoc/>
    public async ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel)
    {
        var found = new List<QemuCapabilities>();
        foreach (string emulator in EmulatorSearch.All())
            found.Add(await capabilities.GetAsync(emulator, null, cancel).ConfigureAwait(false));
        return CapabilitiesRecords.Host(HostUuid(), _node, found);
    }

    /// <inheritdoc/>
    public async ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel)
    {
        if (request.Type is not (null or "kvm" or "qemu"))
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"'{request.Type}' is not a domain type of QEMU", request.Type, "Use 'kvm' or 'qemu'.");
        }

        QemuCapabilities found = await capabilities.GetAsync(request.Emulator, request.Architecture, cancel).ConfigureAwait(false);
        return CapabilitiesRecords.Domain(found, request.Machine, request.Type) ?? throw new VirtException(
            VirtErrorCode.InvalidArgument, $"{found.Emulator} has no machine type '{request.Machine}'", request.Machine,
            "Get-VirtCapability lists the machine types.");
    }

    /// <summary>The machine's identity (machine-id(5)), in the form of a uuid; zero where there is none.</summary>
    private static Guid HostUuid()
    {
        try
        {
            return Guid.TryParseExact(Encoding.ASCII.GetString(HostFile.Read(MachineIdFile, MaximumId)).Trim(), "N", out Guid uuid) ? uuid : Guid.Empty;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return Guid.Empty;
        }
    }
}
