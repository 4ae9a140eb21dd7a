namespace Virt.Daemon.Native;

/// <summary>The profiles of AppArmor that this host has loaded.</summary>
internal static class AppArmor
{
    private const string Loaded = "/sys/kernel/security/apparmor/profiles";

    /// <summary>Whether a profile is there; false where the host has no AppArmor, or does not tell.</summary>
    public static bool Has(string profile)
    {
        try
        {
            return File.ReadLines(Loaded).Any(line => line.StartsWith(profile + " (", StringComparison.Ordinal));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
