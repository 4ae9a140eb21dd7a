using Virt.Domains;
using Virt.Streams;

namespace Virt.Drivers.Test;

internal sealed partial class TestDomain
{
    /// <summary>Opens a console of the run.</summary>
    public ValueTask<VirtStream> OpenConsoleAsync(string? device, ConsoleOptions options, CancellationToken cancel)
    {
        TestRun run;
        lock (_gate)
        {
            ThrowIfGone();
            run = RequireRun();
        }

        ConsolePort port = ConsolePort.Find(Name, WithAliases(run.Definition).Section("devices"), device);
        return run.Consoles.OpenAsync(
            Name, port.Alias, (options & ConsoleOptions.Force) != 0, token => TestConsole.OpenAsync(Name, token), cancel);
    }
}
