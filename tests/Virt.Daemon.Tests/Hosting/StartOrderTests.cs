using System.Collections.Concurrent;
using Virt.Daemon.Hosting;
using Virt.Errors;

namespace Virt.Tests.Daemon.Hosting;

/// <summary>The order in which guests start with their host.</summary>
public sealed class StartOrderTests
{
    [Fact]
    public async Task Named_guests_start_one_after_the_other_and_before_the_others()
    {
        var started = new ConcurrentQueue<string>();
        int running = 0;
        var order = new StartOrder(new GuestsConfig { AutostartOrder = ["second", "absent", "first"] });

        await order.RunAsync(
            ["b", "first", "a", "second"], name => name,
            async name =>
            {
                if (name is "first" or "second")
                    Assert.Equal(1, Interlocked.Increment(ref running));
                await Task.Yield();
                if (name is "first" or "second")
                    Interlocked.Decrement(ref running);
                started.Enqueue(name);
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(["second", "first"], started.Take(2));
        Assert.Equal(["a", "b"], started.Skip(2).Order());
    }

    [Fact]
    public async Task Guests_that_no_order_names_start_side_by_side()
    {
        using var both = new Barrier(2);

        // Each waits for the other.
        await new StartOrder(new GuestsConfig()).RunAsync(
            ["a", "b"], name => name, _ => Task.Run(both.SignalAndWait, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.Equal(1, both.CurrentPhaseNumber);
    }

    [Fact]
    public async Task A_stop_between_two_starts_ends_it()
    {
        using var stop = new CancellationTokenSource();
        var started = new List<string>();
        var order = new StartOrder(new GuestsConfig { AutostartDelaySeconds = 3600 });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => order.RunAsync(
            ["a", "b"], name => name,
            async name =>
            {
                started.Add(name);
                await stop.CancelAsync();
            },
            stop.Token));

        Assert.Equal(["a"], started);
    }

    [Theory]
    [InlineData("""{ "onHostShutdown": ["save", "save"] }""", "onHostShutdown")]
    [InlineData("""{ "onHostShutdown": ["hibernate"] }""", "onHostShutdown")]
    [InlineData("""{ "onHostShutdown": [1] }""", "onHostShutdown")]
    [InlineData("""{ "shutdownSeconds": 0 }""", "shutdownSeconds")]
    [InlineData("""{ "autostartDelaySeconds": -1 }""", "autostartDelaySeconds")]
    [InlineData("""{ "autostartOrder": ["a", "a"] }""", "autostartOrder")]
    [InlineData("""{ "autostartOrder": [""] }""", "autostartOrder")]
    public void A_section_that_cannot_be_used_is_refused(string section, string named)
    {
        VirtException fault = Assert.ThrowsAny<VirtException>(() => Read(section));

        Assert.Equal(VirtErrorCode.ConfigurationError, fault.Code);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_section_is_read()
    {
        GuestsConfig guests = Read("""{ "onHostShutdown": ["save", "shutdown"], "shutdownSeconds": 5, "autostartOrder": ["x"], "autostartDelaySeconds": 2 }""");

        Assert.Equal([GuestEnding.Save, GuestEnding.Shutdown], guests.OnHostShutdown);
        Assert.Equal((5, 2), (guests.ShutdownSeconds, guests.AutostartDelaySeconds));
        Assert.Equal(["x"], guests.AutostartOrder);
    }

    private static GuestsConfig Read(string section)
    {
        string folder = Directory.CreateTempSubdirectory("guests-").FullName;
        try
        {
            string file = Path.Combine(folder, "virtd.json");
            File.WriteAllText(file, $$"""{ "guests": {{section}} }""");
            return DaemonConfig.Read(file, mustExist: true).Guests;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
