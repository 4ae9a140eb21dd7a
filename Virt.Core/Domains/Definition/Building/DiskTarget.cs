using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>The names of disks on their buses: <c>vda</c>, <c>sda</c>, <c>hda</c>, <c>fda</c>.</summary>
public static class DiskTarget
{
    private const int MostDisks = 1024;

    /// <summary>Whether the machine is of the i440FX family, which has IDE where newer ones have SATA.</summary>
    public static bool IsIdeMachine(string? machine) => machine is not null && machine.StartsWith("pc", StringComparison.Ordinal)
        && !machine.StartsWith("pc-q35", StringComparison.Ordinal);

    /// <summary>The bus that a kind of drive is on when none is said.</summary>
    public static string DefaultBus(string device, bool ide) => device switch
    {
        "cdrom" => ide ? "ide" : "sata",
        "floppy" => "fdc",
        "lun" => "scsi",
        _ => "virtio",
    };

    /// <summary>The first name on the bus that is free; it is taken from now on.</summary>
    public static string Next(string bus, ISet<string> used)
    {
        ArgumentNullException.ThrowIfNull(used);
        for (int index = 0; index < MostDisks; index++)
        {
            string name = Name(bus, index);
            if (used.Add(name))
                return name;
        }

        throw new VirtException(VirtErrorCode.InvalidArgument, $"the bus {bus} has {MostDisks} disks already");
    }

    // vda ... vdz, vdaa ...
    private static string Name(string bus, int index)
    {
        string letters = "";
        for (int rest = index + 1; rest > 0; rest = (rest - 1) / 26)
            letters = (char)('a' + ((rest - 1) % 26)) + letters;
        return Prefix(bus) + letters;
    }

    private static string Prefix(string bus) => bus switch
    {
        "virtio" => "vd",
        "ide" => "hd",
        "fdc" => "fd",
        _ => "sd",
    };
}
