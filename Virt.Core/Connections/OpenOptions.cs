namespace Virt.Connections;

/// <summary>How a connection is opened; numbers as libvirt's <c>virConnectFlags</c>.</summary>
[Flags]
public enum OpenOptions
{
    /// <summary>Read and write.</summary>
    None = 0,
    /// <summary>Read only: what changes something is denied.</summary>
    ReadOnly = 1,
}

/// <summary>The kinds of driver that are opened after the hypervisor driver.</summary>
public enum SecondaryDriver
{
    /// <summary>Virtual networks.</summary>
    Network = 1,
    /// <summary>Storage pools and volumes.</summary>
    Storage = 2,
    /// <summary>Network interfaces of the host.</summary>
    Interface = 3,
    /// <summary>Devices of the host.</summary>
    NodeDevice = 4,
    /// <summary>Secrets.</summary>
    Secret = 5,
    /// <summary>Network filters.</summary>
    NetworkFilter = 6,
}
