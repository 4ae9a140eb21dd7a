using System.Diagnostics;
using System.Globalization;

namespace Virt.Tests.Host;

/// <summary>One login on a test host as root, by ssh, over which commands run.</summary>
internal sealed class Shell : IAsyncDisposable
{
    private const string Host = "root@test-host";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process _login;
    private readonly string _control;

    private Shell(Process login, string control) => (_login, _control) = (login, control);

    /// <summary>Logs in.</summary>
    /// <param name="files">What was built: the keys.</param>
    /// <param name="folder">Takes the socket of the login.</param>
    /// <param name="port">The port on this machine.</param>
    /// <param name="cancel">Stops waiting.</param>
    public static async Task<Shell> OpenAsync(string files, string folder, int port, CancellationToken cancel)
    {
        string control = Path.Combine(folder, "ssh");
        var start = new ProcessStartInfo("ssh")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            ArgumentList =
            {
                "-F", "none", "-N", "-M", "-S", control, "-p", port.ToString(CultureInfo.InvariantCulture), "-i", Path.Combine(files, "key"),
                "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "HostKeyAlias=test-host", "-o", "HostName=127.0.0.1",
                "-o", $"UserKnownHostsFile={Path.Combine(files, "known-hosts")}", "-o", "StreamLocalBindUnlink=yes",
                // It says so when it takes commands.
                "-o", "PermitLocalCommand=yes", "-o", "LocalCommand=echo ready", Host,
            },
        };
        var shell = new Shell(Process.Start(start)!, control);
        try
        {
            string? line = await shell._login.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel);
            return line == "ready" ? shell : throw new InvalidOperationException($"ssh: {await shell._login.StandardError.ReadToEndAsync(cancel)}");
        }
        catch
        {
            await shell.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command of the shell there.</summary>
    public Task<Outcome> RunAsync(string command, string? input) => ToolProcess.RunAsync("ssh", ["-F", "none", "-S", _control, Host, "--", command], input);

    /// <summary>Makes a unix socket of this machine lead to one there.</summary>
    public Task ForwardAsync(string here, string there) => ToolProcess.RequireAsync("ssh", "-F", "none", "-S", _control, "-O", "forward", "-L", $"{here}:{there}", Host);

    /// <summary>Waits until the far side has ended the login.</summary>
    public Task EndedAsync(CancellationToken cancel) => _login.WaitForExitAsync(cancel).WaitAsync(Patience, cancel);

    public async ValueTask DisposeAsync()
    {
        _login.Kill();
        await _login.WaitForExitAsync(CancellationToken.None);
        _login.Dispose();
        File.Delete(_control);
    }
}
