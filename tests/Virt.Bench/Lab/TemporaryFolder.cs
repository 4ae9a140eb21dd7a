using Virt.Chaos;

namespace Virt.Bench.Lab;

/// <summary>A folder for the time of a run.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("virt-bench-").FullName;

    /// <summary>Makes a folder in it.</summary>
    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Removes it and all below, and ends the guests that a run which failed has left: they outlive their virtd.</summary>
    public void Dispose()
    {
        QemuProcesses.Kill(Path);
        Directory.Delete(Path, recursive: true);
    }
}
