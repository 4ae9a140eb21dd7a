using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class ProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_process_starts_with_no_signal_blocked_or_ignored_and_only_its_descriptors()
    {
        string said = await RunAsync("/bin/sh", "-c", "cat /proc/self/status; ls /proc/$$/fd | tr '\\n' ' '; pwd; env");
        Assert.Contains("SigBlk:\t0000000000000000", said, StringComparison.Ordinal);
        // glibc's posix_spawn leaves its own two, 32 and 33, ignored.
        Match ignored = Regex.Match(said, "SigIgn:\t([0-9a-f]+)");
        Assert.Equal(0UL, Convert.ToUInt64(ignored.Groups[1].Value, 16) & ~0x1_8000_0000UL);
        Assert.Contains("0 1 2 /\n", said, StringComparison.Ordinal);
        Assert.Contains("GREETING=hello world", said, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_it_ended_is_known()
    {
        using var watcher = new ProcessWatcher();
        var launcher = new ProcessLauncher(watcher);
        using SafeFileHandle log = HostFile.Append("/dev/null");
        using QemuProcess exits = launcher.Launch("/bin/sh", ["-c", "exit 7"], [], log);
        Assert.Equal(new ProcessExit(7, null), await exits.Exited.WaitAsync(Limit, TestContext.Current.CancellationToken));
        using QemuProcess sleeps = launcher.Launch("/bin/sleep", ["600"], [], log);
        Assert.NotNull(ProcessIdentity.TryRead(sleeps.Pid));
        sleeps.Kill();
        Assert.Equal(new ProcessExit(null, 9), await sleeps.Exited.WaitAsync(Limit, TestContext.Current.CancellationToken));
        sleeps.Kill();
        Assert.Null(ProcessIdentity.TryRead(sleeps.Pid));
        Assert.Null(launcher.Adopt(sleeps.Identity));
    }

    [Fact]
    public void What_cannot_be_run_is_an_error_at_once()
    {
        using var watcher = new ProcessWatcher();
        var launcher = new ProcessLauncher(watcher);
        using SafeFileHandle log = HostFile.Append("/dev/null");
        VirtException missing = Assert.Throws<VirtException>(() => launcher.Launch("/nonexistent", [], [], log));
        Assert.Equal(VirtErrorCode.SystemError, missing.Code);
        Assert.Throws<VirtException>(() => launcher.Launch("/bin/true", ["a\0b"], [], log));
    }

    private static async Task<string> RunAsync(string executable, params string[] arguments)
    {
        string path = Path.GetTempFileName();
        try
        {
            using var watcher = new ProcessWatcher();
            using SafeFileHandle log = HostFile.Append(path);
            using QemuProcess process = new ProcessLauncher(watcher).Launch(executable, arguments, ["GREETING=hello world", "PATH=/usr/bin:/bin"], log);
            await process.Exited.WaitAsync(Limit, TestContext.Current.CancellationToken);
            return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
