using System.Globalization;

namespace Virt.Bench;

/// <summary>How the benchmark is run.</summary>
/// <param name="Daemon">The virtd.</param>
/// <param name="Module">The module's folder.</param>
/// <param name="Document">The document to write the tables to; null for none.</param>
/// <param name="Domains">How many domains are defined on both sides.</param>
/// <param name="Results">Where the guard writes its results, in JUnit's format; null for nowhere.</param>
/// <param name="Guard">Whether it is the guard that runs, not the whole.</param>
/// <param name="Emulator">The QEMU that runs without anybody.</param>
internal sealed record BenchOptions(string Daemon, string Module, string? Document, string? Results, bool Guard, int Domains, string Emulator)
{
    /// <summary>Reads the command line; null when it is wrong.</summary>
    public static BenchOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions(string.Empty, string.Empty, null, null, arguments is ["guard", ..], 1000, "/usr/bin/qemu-system-x86_64");
        int first = options.Guard ? 1 : 0;
        if ((arguments.Count - first) % 2 != 0)
            return null;
        for (int i = first; i < arguments.Count; i += 2)
        {
            string value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--daemon":
                    options = options with { Daemon = Path.GetFullPath(value) };
                    break;
                case "--module":
                    options = options with { Module = Path.GetFullPath(value) };
                    break;
                case "--document":
                    options = options with { Document = Path.GetFullPath(value) };
                    break;
                case "--results":
                    options = options with { Results = Path.GetFullPath(value) };
                    break;
                case "--emulator":
                    options = options with { Emulator = value };
                    break;
                case "--domains" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int domains) && domains >= 100:
                    options = options with { Domains = domains };
                    break;
                default:
                    return null;
            }
        }

        return options.Daemon.Length > 0 ? options : null;
    }
}
