namespace Virt.Drivers;

/// <summary>
/// A driver's answer when it is asked to open: declined (the walk goes on), or opened. A driver that is meant but cannot open
/// throws, which ends the walk.
/// </summary>
/// <typeparam name="T">The driver contract.</typeparam>
public sealed class DriverOpening<T>
    where T : class
{
    private DriverOpening(T? driver) => Driver = driver;

    /// <summary>The opened driver; null when declined.</summary>
    public T? Driver { get; }

    /// <summary>Whether the driver declined.</summary>
    public bool IsDeclined => Driver is null;

    /// <summary>Not for this driver.</summary>
    public static DriverOpening<T> Declined { get; } = new(null);

    /// <summary>Opened.</summary>
    public static DriverOpening<T> Opened(T driver) => new(driver);
}
