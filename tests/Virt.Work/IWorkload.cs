namespace Virt.Work;

/// <summary>A piece of work that is the same each time: on one thread, without waits, input made beforehand.</summary>
public interface IWorkload
{
    /// <summary>As <c>encode.domains.1000</c>; without spaces.</summary>
    string Name { get; }

    /// <summary>How many things (records, values, frames, calls) one run handles.</summary>
    int Operations { get; }

    /// <summary>Does it once.</summary>
    void Run();
}
