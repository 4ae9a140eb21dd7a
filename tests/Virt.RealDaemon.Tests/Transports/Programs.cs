using System.Diagnostics;
using Virt.Tests.Daemon.RealDaemon;

namespace Virt.Tests.Daemon.Transports;

/// <summary>Programs that have to succeed.</summary>
internal static class Programs
{
    /// <summary>Runs one to its end.</summary>
    public static Task RunAsync(string program, params string[] arguments) => RunAsync(program, arguments, input: "");

    /// <summary>Runs one that reads something.</summary>
    public static async Task RunAsync(string program, string[] arguments, string input, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        (int code, string output, string error) = await VirtdProcess.RunAsync(start, input);
        Assert.True(code == 0, $"{program}: {output}{error}");
    }
}
