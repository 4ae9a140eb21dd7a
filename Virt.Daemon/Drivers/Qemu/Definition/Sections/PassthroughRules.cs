namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>What <c>qemu:commandline</c> cannot say, because it would have virtd run code that a client names or take down QEMU's walls.</summary>
internal static class PassthroughRules
{
    // The loader of the GNU C library (ld.so(8)), and where the libraries that QEMU is linked with find what they load.
    private static readonly string[] Prefixes =
    [
        "LD_", "GLIBC_", "GCONV_", "GIO_", "GTK_", "GDK_", "GST_", "SPA_", "PIPEWIRE_", "VK_", "LIBGL_", "EGL_", "__EGL_", "__GLX_", "OPENSSL_",
        "P11_",
    ];

    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "PATH", "QEMU_MODULE_DIR", "ALSA_PLUGIN_DIR", "ALSA_CONFIG_PATH", "ALSA_CONFIG_DIR", "LIBVA_DRIVERS_PATH", "GBM_BACKENDS_PATH",
    };

    private static readonly HashSet<string> Options = new(StringComparer.Ordinal) { "plugin", "sandbox", "runas", "chroot", "daemonize", "readconfig" };

    /// <summary>Whether a variable can name code that a process loads.</summary>
    public static bool LoadsCode(string variable) =>
        Names.Contains(variable) || Prefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether an argument is an option of QEMU by which it loads code, or becomes another than virtd has made it.</summary>
    public static bool Undoes(string argument) => argument.StartsWith('-') && Options.Contains(argument.TrimStart('-'));
}
