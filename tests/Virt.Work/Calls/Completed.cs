namespace Virt.Work.Calls;

/// <summary>Tasks that nothing here has to wait for.</summary>
internal static class Completed
{
    public static T Result<T>(ValueTask<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw Waits();

    public static void Check(ValueTask task)
    {
        if (!task.IsCompleted)
            throw Waits();
        task.GetAwaiter().GetResult();
    }

    private static InvalidOperationException Waits() => new("a workload waits, which none may");
}
