namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Runtime ids: positive and growing, past those of guests that were taken over.</summary>
internal sealed class DomainIds
{
    private int _last;

    /// <summary>The next id.</summary>
    public int Next() => Interlocked.Increment(ref _last);

    /// <summary>Ids up to this one are taken.</summary>
    public void Reserve(int id) => _last = Math.Max(_last, id);
}
