using System.Runtime.CompilerServices;
using Virt.Async;

namespace Virt.Tests.Core.Async;

/// <summary>An async method is the same to its caller, whoever builds its task.</summary>
public sealed class SeldomTaskTests
{
    private static readonly AsyncLocal<string?> Local = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_result_comes(bool waits)
    {
        var gate = Gate(waits);
        Task<string> task = TextAsync(gate.Task);
        Assert.Equal(!waits, task.IsCompleted);
        ValueTask<string> value = TextValueAsync(gate.Task);
        Task plain = PlainAsync(gate.Task);
        ValueTask plainValue = PlainValueAsync(gate.Task);
        gate.TrySetResult();
        Assert.Equal("done", await task);
        Assert.Equal("done", await value);
        await plain;
        await plainValue;
        Assert.True(plain.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_comes_as_it_was_thrown(bool waits)
    {
        var failure = new InvalidOperationException("no");
        var gate = Gate(waits);
        Task<string> task = TextAsync(gate.Task, failure);
        ValueTask value = PlainValueAsync(gate.Task, failure);
        gate.TrySetResult();
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => task));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(async () => await value));
        Assert.True(task.IsFaulted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_method_has_a_cancelled_task(bool waits)
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var gate = Gate(waits);
        Task<string> task = TextAsync(gate.Task, new OperationCanceledException(source.Token));
        gate.TrySetResult();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.True(task.IsCanceled);
    }

    [Fact]
    public async Task It_waits_as_often_as_it_likes()
    {
        Assert.Equal(45, await SumAsync(10));

        [AsyncMethodBuilder(typeof(SeldomTask<>))]
        static async Task<int> SumAsync(int count)
        {
            int sum = 0;
            for (int i = 0; i < count; i++)
            {
                await Task.Yield();
                sum += i;
            }

            return sum;
        }
    }

    [Fact]
    public async Task The_context_is_that_of_the_caller_after_each_wait_and_changes_stay_inside()
    {
        Local.Value = "caller";
        var gate = Gate(waits: true);
        Task<string> task = ContextAsync(gate.Task);
        Assert.Equal("caller", Local.Value);
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(gate.SetResult, CancellationToken.None);
        Assert.Equal("caller inside inside", await task);
        Assert.Equal("caller", Local.Value);
    }

    private static TaskCompletionSource Gate(bool waits)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!waits)
            gate.SetResult();
        return gate;
    }

    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    private static async Task<string> TextAsync(Task gate, Exception? failure = null)
    {
        await gate.ConfigureAwait(false);
        return failure is null ? "done" : throw failure;
    }

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private static async ValueTask<string> TextValueAsync(Task gate)
    {
        await gate.ConfigureAwait(false);
        return "done";
    }

    [AsyncMethodBuilder(typeof(SeldomTask))]
    private static async Task PlainAsync(Task gate) => await gate.ConfigureAwait(false);

    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    private static async ValueTask PlainValueAsync(Task gate, Exception? failure = null)
    {
        await gate.ConfigureAwait(false);
        if (failure is not null)
            throw failure;
    }

    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    private static async Task<string> ContextAsync(Task gate)
    {
        string text = $"{Local.Value}";
        Local.Value = "inside";
        await gate.ConfigureAwait(false);
        text += $" {Local.Value}";
        await Task.Yield();
        return $"{text} {Local.Value}";
    }
}
