using System.Globalization;

namespace Virt.Tests.Host;

/// <summary>The test host itself.</summary>
public sealed class TestHostTests
{
    [Fact]
    public async Task It_is_a_sound_Debian_whose_commands_tell_how_they_end_and_which_forgets_what_was_done()
    {
        string copied = Path.GetTempFileName();
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        try
        {
            await File.WriteAllTextAsync(copied, "copied", TestContext.Current.CancellationToken);
            await using (TestHost host = await TestHost.RestoreAsync())
            {
                Assert.Equal("running", await host.RunAsync("systemctl is-system-running"));
                Assert.Equal("systemd", await host.RunAsync("cat /proc/1/comm"));
                Assert.Contains("memory", await host.RunAsync("cat /sys/fs/cgroup/cgroup.controllers"), StringComparison.Ordinal);
                Assert.Equal("Y", await host.RunAsync("cat /sys/module/apparmor/parameters/enabled"));
                Assert.Equal((3, "out\n", "err\n"), await host.TryAsync("echo out; echo err >&2; exit 3") is var outcome ? (outcome.ExitCode, outcome.Output, outcome.Error) : default);
                await host.CopyInAsync(copied, "/root/copied");
                Assert.Equal("copied", await host.RunAsync("cat /root/copied"));
                // The one that was saved shows the time at which it was.
                Assert.True(long.Parse(await host.RunAsync("date +%s"), CultureInfo.InvariantCulture) >= before);
            }

            await using TestHost next = await TestHost.RestoreAsync();
            Assert.NotEqual(0, (await next.TryAsync("test -e /root/copied")).ExitCode);
        }
        finally
        {
            File.Delete(copied);
        }
    }
}
