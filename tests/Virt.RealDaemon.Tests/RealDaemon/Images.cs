using System.Diagnostics;
using System.Text.Json;

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

    /// <summary>What qemu-img says of a qcow2 image.</summary>
    public static async Task<JsonElement> InfoAsync(string path)
    {
        using Process process = Process.Start(new ProcessStartInfo("qemu-img", ["info", "--output=json", "-f", "qcow2", path]) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(said).RootElement;
    }

    /// <summary>Makes an encrypted image. qemu-img measures how fast it derives keys, and gives up where the host's clock is too coarse
    /// to tell: it is asked again.</summary>
    public static async Task CreateLuksAsync(string path, string key, string size)
    {
        int code = -1;
        for (int tries = 0; tries < 20 && code != 0; tries++)
        {
            using Process process = Process.Start(
                "qemu-img", ["create", "-q", "-f", "luks", "--object", $"secret,id=s,file={key}", "-o", "key-secret=s,iter-time=10", path, size]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            code = process.ExitCode;
        }

        Assert.Equal(0, code);
    }
}
