using Virt.Errors;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>Ends a command whose error is known with its words and not with a stack trace.</summary>
internal static class CommandFault
{
    public static async Task<int> ReportAsync(Func<Task<int>> command)
    {
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (VirtException fault)
        {
            await Console.Error.WriteLineAsync($"virtd: {Indented(fault.Message)}").ConfigureAwait(false);
            if (fault.RecommendedAction is not null)
                await Console.Error.WriteLineAsync($"       {Indented(fault.RecommendedAction)}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    private static string Indented(string text) => text.Replace("\n", "\n       ", StringComparison.Ordinal);
}
