using System.CommandLine;
using Virt.Daemon.Hosting.Commands;

namespace Virt.Daemon.Hosting;

/// <summary>The entry point of virtd.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        VisibleWriter.Use();
        // The daemon's own handling of SIGTERM and SIGINT drains; the library's would cut it short.
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
        return VirtdCommandLine.Create().Parse(arguments).InvokeAsync(configuration);
    }
}
