namespace Virt.Chaos;

/// <summary>Whether a domain runs.</summary>
internal enum Power
{
    Off,
    Running,
    Paused,
}

/// <summary>What one domain must be like, as far as a client can know from the answers it had.</summary>
/// <param name="Uuid">Its identity; a new one for each definition.</param>
/// <param name="Name">Its name; null while it is not defined.</param>
/// <param name="Title">Its persistent title.</param>
/// <param name="Power">Whether it runs.</param>
/// <param name="Saved">Whether it has a saved state.</param>
/// <param name="SavedPaused">Whether it was paused when it was saved, and will be when it is restored.</param>
/// <param name="Plugged">Whether the second disk is plugged into the guest, or into its saved state.</param>
/// <param name="Autostart">Whether it is marked to start with the host.</param>
internal sealed record GuestModel(
    Guid Uuid, string? Name = null, string? Title = null, Power Power = Power.Off, bool Saved = false, bool SavedPaused = false,
    bool Plugged = false, bool Autostart = false)
{
    /// <summary>Whether it is defined.</summary>
    public bool IsDefined => Name is not null;

    /// <summary>Whether QEMU runs for it.</summary>
    public bool IsActive => Power != Power.Off;

    /// <summary>Whether a domain that looks like this may be it: what is inside of a saved state cannot be seen.</summary>
    public bool LooksLike(GuestModel seen) => (Saved ? this with { SavedPaused = false, Plugged = false } : this) == seen;
}
