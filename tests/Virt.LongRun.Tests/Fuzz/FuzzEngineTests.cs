using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;

namespace Virt.Tests.Daemon.Fuzz;

/// <summary>The fuzzer finds what it is to find: a fuzzer that cannot fail shows nothing.</summary>
public sealed class FuzzEngineTests
{
    [Fact]
    public async Task An_exception_is_found_and_made_small()
    {
        FuzzReport report = await RunAsync(input => input.Contains((byte)'!') ? throw new InvalidOperationException("broke") : "fine");
        Finding found = Assert.Single(report.Findings);
        Assert.Equal("!"u8.ToArray(), found.Input);
        Assert.Contains("broke", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_memory_is_found()
    {
        FuzzReport report = await RunAsync(input => input.Length > 0 && input[0] == 0xff ? new byte[64 << 20].Length.ToString(System.Globalization.CultureInfo.InvariantCulture) : "fine");
        Assert.Contains("allocated", Assert.Single(report.Findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_that_others_take_while_an_input_waits_is_not_its_own()
    {
        // What the input waits for is done on its own thread, or on one nearby: of so many, some are on its own.
        await using var target = new Target(_ =>
        {
            var other = new TaskCompletionSource<string>();
            ThreadPool.UnsafeQueueUserWorkItem(
                static other =>
                {
                    GC.KeepAlive(new byte[16 << 20]);
                    other.SetResult("fine");
                },
                other,
                preferLocal: true);
            return new(other.Task);
        });
        FuzzReport report = await new FuzzEngine(target, new FuzzOptions(200) { MostFindings = 1 }).RunAsync();
        Assert.Empty(report.Findings);
    }

    [Fact]
    public async Task Memory_of_an_input_that_waits_is_found_where_it_is_alone()
    {
        await using var target = new Target(async _ =>
        {
            await Task.Yield();
            return new byte[64 << 20].Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        FuzzReport report = await new FuzzEngine(target, new FuzzOptions(3) { MostFindings = 1, Alone = true }).RunAsync();
        Assert.Contains("allocated", Assert.Single(report.Findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hang_is_found()
    {
        var never = new TaskCompletionSource<string>();
        await using var target = new Target(input => input.Length > 3 ? new(never.Task) : new("fine"));
        FuzzReport report = await new FuzzEngine(target, new FuzzOptions(10_000) { HangLimit = TimeSpan.FromSeconds(1) }).RunAsync();
        Assert.Equal("hang", Assert.Single(report.Findings).Signature);
    }

    [Fact]
    public async Task What_is_new_is_gone_on_from()
    {
        // Three steps that a blind search would not take together.
        FuzzReport report = await RunAsync(input => input switch
        {
            [0x10, 0x20, 0x30, ..] => throw new InvalidOperationException("all three"),
            [0x10, 0x20, ..] => "two",
            [0x10, ..] => "one",
            _ => "none",
        });
        Assert.Single(report.Findings);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_inputs()
    {
        List<string> first = [], second = [];
        foreach (List<string> seen in (List<string>[])[first, second])
        {
            await RunAsync(input =>
            {
                seen.Add(Convert.ToHexString(input));
                return $"{input.Length}";
            }, count: 2000);
        }

        Assert.Equal(first, second);
    }

    private static async Task<FuzzReport> RunAsync(Func<byte[], string> run, int count = 300_000)
    {
        await using var target = new Target(input => new(run(input)));
        return await new FuzzEngine(target, new FuzzOptions(count) { MostFindings = 1 }).RunAsync();
    }

    private sealed class Target(Func<byte[], ValueTask<string>> run) : FuzzTarget
    {
        public override string Name => "own";

        public override string Description => "one of the test's own";

        public override IEnumerable<byte[]> Seeds => [[1, 2, 3]];

        public override IReadOnlyList<IMutator> Mutators { get; } = [new ByteMutator()];

        public override ValueTask<string> RunAsync(byte[] input) => run(input);
    }
}
