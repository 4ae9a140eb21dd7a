namespace Virt.Domains;

/// <summary>How a console is opened; numbers as libvirt's <c>virDomainConsoleFlags</c>.</summary>
[Flags]
public enum ConsoleOptions
{
    /// <summary>Only when nobody uses it.</summary>
    None = 0,
    /// <summary>Whoever uses it now is disconnected.</summary>
    Force = 1,
    /// <summary>Only when the driver can keep others away while it is in use; all drivers can.</summary>
    Safe = 2,
}
