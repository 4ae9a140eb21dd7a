using Virt.Drivers.Test;
using Virt.Remote;

namespace Virt.Drivers;

/// <summary>The driver table of a client process.</summary>
public static class ClientDrivers
{
    /// <summary>In memory first, the remote driver last.</summary>
    public static DriverTable Table { get; } = new(new TestDriverModule(), new RemoteDriver());
}
