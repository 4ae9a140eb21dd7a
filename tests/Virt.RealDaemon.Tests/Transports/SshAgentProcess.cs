using System.Diagnostics;

namespace Virt.Tests.Daemon.Transports;

/// <summary>An agent of OpenSSH of its own.</summary>
internal sealed class SshAgentProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private SshAgentProcess(Process process, string folder) => (_process, _folder) = (process, folder);

    public string Socket => Path.Combine(_folder, "agent.sock");

    public static async Task<SshAgentProcess> StartAsync(string folder)
    {
        ProcessStartInfo start = new("ssh-agent", ["-D", "-a", Path.Combine(folder, "agent.sock")]) { RedirectStandardOutput = true };
        SshAgentProcess agent = new(Process.Start(start)!, folder);
        // It prints where it listens.
        Assert.NotNull(await agent._process.StandardOutput.ReadLineAsync());
        return agent;
    }

    /// <summary>Gives it a key, as a user does who types the passphrase.</summary>
    public async Task AddAsync(string key, string passphrase = "")
    {
        string script = Path.Combine(_folder, "answer");
        await File.WriteAllTextAsync(script, $"#!/bin/sh\necho '{passphrase}'\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Programs.RunAsync(
            "ssh-add", ["-q", key], "", ("SSH_AUTH_SOCK", Socket), ("SSH_ASKPASS", script), ("SSH_ASKPASS_REQUIRE", "force"), ("DISPLAY", ":none"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
