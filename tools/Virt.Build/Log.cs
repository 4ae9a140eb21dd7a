namespace Virt.Build;

/// <summary>What this program itself says, set apart from what the programs it runs say.</summary>
internal static class Log
{
    public static void Step(string text) => Console.Out.WriteLine($"==> {text}");

    public static void Error(string text) => Console.Error.WriteLine($"error: {text}");

    public static void Warning(string text) => Console.Error.WriteLine($"warning: {text}");
}
