namespace Virt.Daemon.Hosting;

/// <summary>Consecutive user ids, and group ids of the same numbers, that nobody but guests has.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many; 0 for none.</param>
internal sealed record UserIdRange(uint First, uint Count)
{
    // Those of the host's own users, and numbers with a meaning: nobody, and -1 in 16 and in 32 bits.
    private const uint Least = 1000;
    private const uint Greatest = uint.MaxValue - 2;
    private const uint Most = 1 << 24;
    private static readonly uint[] Reserved = [65534, 65535];

    /// <summary>No ids: all guests run as one user.</summary>
    public static UserIdRange None { get; } = new(0, 0);

    /// <summary>
    /// The ids that the package reserves: 0x7f000000 to 0x7f00ffff. What hands out ids by itself stays below: useradd and subuid (up to
    /// 600100000), systemd's DynamicUser (65519), containers of systemd-nspawn (1879048191), SSSD and FreeIPA (2000200000). Above, from
    /// 2147352576 on, are ids of files of other hosts in systemd, and from 2147483648 on not all programs count without a sign.
    /// </summary>
    public static UserIdRange Default { get; } = new(0x7f00_0000, 0x1_0000);

    /// <summary>The last.</summary>
    public uint Last => First + Count - 1;

    /// <summary>Whether an id is one of these.</summary>
    public bool Has(uint id) => Count > 0 && id - First < Count;

    /// <summary>The id at a place; after the last comes the first.</summary>
    public uint At(uint place) => First + (place % Count);

    /// <summary>Checks a configured one.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (Count == 0)
            return;
        if (First < Least || First > Greatest || Count > Most || Count - 1 > Greatest - First || Reserved.Any(Has))
        {
            throw DaemonConfig.Fault(
                path, $"qemu.userIds are {Count} ids from {First} on, which guests cannot have",
                $"Choose ids from {Least} to {Greatest} that no user has, without {string.Join(" and ", Reserved)}, and at most {Most}.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{First}-{Last}";
}
