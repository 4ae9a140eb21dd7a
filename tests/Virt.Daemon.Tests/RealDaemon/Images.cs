using System.Diagnostics;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Runs qemu-img.</summary>
internal static class Images
{
    public static async Task RunAsync(params string[] arguments)
    {
        using Process process = Process.Start("qemu-img", arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
