using System.Globalization;
using Virt.Connections;

namespace Virt.Tests.Host;

/// <summary>
/// A test host: a Debian 12 with systemd in a machine of its own, as it was when it had started. It has a network to this machine
/// alone. What a test changes in it is gone with it.
/// </summary>
internal sealed class TestHost : IAsyncDisposable
{
    private static readonly string Files = Given("VIRT_TEST_HOST");
    private readonly string _folder = Directory.CreateTempSubdirectory("host-").FullName;
    private Machine? _machine;
    private Shell? _shell;
    private int _sockets;

    private TestHost()
    {
    }

    /// <summary>The Debian package of virtd that is tested.</summary>
    public static string Package { get; } = Given("VIRT_DEB");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Restores one.</summary>
    public static async Task<TestHost> RestoreAsync()
    {
        var host = new TestHost();
        try
        {
            host._machine = await Machine.RestoreAsync(Files, Path.Combine(AppContext.BaseDirectory, "machine.txt"), host._folder, Cancel);
            await host.LogInAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command of the shell as root.</summary>
    public Task<Outcome> TryAsync(string command) => _shell!.RunAsync(command, input: null);

    /// <summary>Runs one that has to succeed, and returns what it wrote, without the last line's end.</summary>
    public async Task<string> RunAsync(string command)
    {
        Outcome outcome = await TryAsync(command);
        Assert.True(outcome.ExitCode == 0, $"{command}\nended with {outcome.ExitCode}:\n{outcome.Output}{outcome.Error}");
        return outcome.Output.TrimEnd('\n');
    }

    /// <summary>Copies a file of this machine into it.</summary>
    public async Task CopyInAsync(string file, string path)
    {
        Outcome outcome = await _shell!.RunAsync($"cat >'{path}'", file);
        Assert.True(outcome.ExitCode == 0, $"{file} could not be copied: {outcome.Error}");
    }

    /// <summary>Opens a connection to its virtd, as root.</summary>
    public async Task<VirtConnection> ConnectAsync(string socket = "/run/virt/virtd.sock")
    {
        string here = Path.Combine(_folder, $"s{++_sockets}");
        await _shell!.ForwardAsync(here, socket);
        return await VirtConnection.OpenAsync($"qemu+unix:///system?socket={here}", cancel: Cancel);
    }

    /// <summary>Restarts it as an administrator does, and logs in again. Its disk stays, what was open to it is gone.</summary>
    public async Task RebootAsync()
    {
        await TryAsync("systemctl reboot");
        await _machine!.BootedAsync(Cancel);
        await _shell!.DisposeAsync();
        await LogInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
            await _shell.DisposeAsync();
        if (_machine is not null)
            await _machine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task LogInAsync()
    {
        _shell = await Shell.OpenAsync(Files, _folder, _machine!.Port, Cancel);
        // Its clock stood still while it was saved.
        await RunAsync(string.Create(CultureInfo.InvariantCulture, $"date --set=@{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}"));
    }

    private static string Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path
        ? Path.GetFullPath(path)
        : throw new InvalidOperationException($"{variable} is not set; run ./build.sh host-test");
}
