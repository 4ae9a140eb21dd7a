using System.Diagnostics;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A network namespace of a test's own (ip-netns(8)): what is made in it never touches the machine's interfaces.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private const string Tool = "/usr/sbin/ip";

    private NetworkNamespace()
    {
    }

    public string Name { get; } = "virt-" + Guid.NewGuid().ToString("N")[..10];

    /// <summary>What a program's command line begins with to run inside.</summary>
    public string[] Prefix => [Tool, "netns", "exec", Name];

    /// <summary>Makes one; the test is skipped where that cannot be.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "SKIPPED: network interfaces are made only by root");
        Assert.SkipUnless(File.Exists(Tool), "SKIPPED: iproute2 is not installed");
        var made = new NetworkNamespace();
        (int exit, _, string error) = await VirtdProcess.RunAsync(Start([Tool, "netns", "add", made.Name]));
        Assert.SkipUnless(exit == 0, $"SKIPPED: this machine has no network namespaces: {error}");
        await made.IpAsync("link", "set", "lo", "up");
        return made;
    }

    /// <summary>Runs <c>ip</c> inside and returns what it says.</summary>
    public Task<string> IpAsync(params string[] arguments) => RunAsync([Tool, .. arguments]);

    /// <summary>Runs a program inside, which must succeed, and returns what it says.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        (int exit, string output, string error) = await VirtdProcess.RunAsync(Start([.. Prefix, .. command]));
        Assert.True(exit == 0, $"{string.Join(' ', command)}: {error}");
        return output;
    }

    public async ValueTask DisposeAsync() => await VirtdProcess.RunAsync(Start([Tool, "netns", "del", Name]));

    private static ProcessStartInfo Start(string[] command) => new(command[0], command[1..])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    };
}
