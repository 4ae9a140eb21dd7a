using System.Diagnostics;
using Virt.Daemon.Native;

namespace Virt.Tests.Daemon.Qemu.Ownership;

/// <summary>Whether a user has processes decides whether its id is another guest's.</summary>
public sealed class UserProcessesTests
{
    // Its first process lets another become one that cannot be looked into, tells its number, and is not reaped when it has ended.
    private const string Script = """
        import ctypes, os, sys, time
        user = int(sys.argv[1])
        child = os.fork()
        if child == 0:
            os.setresuid(user, user, user)
            ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
            print("runs", flush=True)
            sys.stdin.readline()
            os._exit(0)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        print("dead", flush=True)
        sys.stdin.readline()
        """;

    [Fact]
    public async Task A_process_counts_while_it_lives_however_it_hides_and_not_when_it_is_only_not_reaped()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can become another user");
        CancellationToken cancel = TestContext.Current.CancellationToken;
        uint user = 0x7e00_0000 + (uint)Random.Shared.Next(0xff_0000);
        Assert.False(UserProcesses.Any(user));
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, $"{user}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        Assert.Equal("runs", await process.StandardOutput.ReadLineAsync(cancel));
        Assert.True(UserProcesses.Any(user));
        await process.StandardInput.WriteLineAsync();
        Assert.Equal("dead", await process.StandardOutput.ReadLineAsync(cancel));
        Assert.False(UserProcesses.Any(user));
        await process.StandardInput.WriteLineAsync();
        await process.WaitForExitAsync(cancel);
    }
}
