namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>What a guest does with a file.</summary>
internal enum FileNeed
{
    /// <summary>It reads it: it is let, and the file stays whose it is.</summary>
    Read,
    /// <summary>It writes it, and others may too: it is let, and the file stays whose it is.</summary>
    Share,
    /// <summary>It alone writes it: it becomes its own.</summary>
    Write,
}

/// <summary>A file of the host that QEMU opens.</summary>
/// <param name="What">What it is to the guest, for errors: <c>disk vda</c>.</param>
/// <param name="Path">Its path.</param>
/// <param name="Need">What QEMU does with it.</param>
internal sealed record GuestFile(string What, string Path, FileNeed Need)
{
    /// <summary>Whether QEMU would make it if it is not there, which it cannot in a folder that is not its own.</summary>
    public bool IsMade { get; init; }

    /// <summary>Whether QEMU's user may be given it. One that only an image names is not: the user gets at it by the rights it has, or not at all.</summary>
    public bool IsGiven { get; init; } = true;

    /// <summary>Whether it is memory in /dev/shm that guests share, which virtd makes for them there.</summary>
    public bool IsSharedMemory { get; init; }

    /// <summary>Whether it is empty when the guest starts.</summary>
    public bool IsEmptied { get; init; }
}
