namespace Virt.Afl;

/// <summary>
/// Frames under afl-fuzz: <c>instrument FOLDER</c> makes the assemblies in a folder tell which way they go, <c>seeds FOLDER</c>
/// writes good inputs to start from, <c>run</c> is what afl-fuzz starts.
/// </summary>
internal static class Program
{
    private const int Usage = 2;

    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["instrument", string folder]:
                Instrumentation.Apply(folder);
                return 0;
            case ["seeds", string folder]:
                await Frames.WriteSeedsAsync(folder);
                return 0;
            case ["run"]:
                Frames.Run();
                return 0;
            default:
                Console.Error.WriteLine("usage: Virt.Afl instrument FOLDER | seeds FOLDER | run");
                return Usage;
        }
    }
}
