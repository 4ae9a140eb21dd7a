using System.Globalization;

namespace Virt.Work;

/// <summary>
/// A worker: <c>list</c> prints name and operations of each workload; <c>serve</c> answers each line <c>NAME RUNS</c> with the
/// nanoseconds and the bytes it took, until its input ends.
/// </summary>
internal static class Program
{
    private const int Usage = 2;

    private static int Main(string[] args)
    {
        Dictionary<string, IWorkload> workloads = Workloads.Create().ToDictionary(workload => workload.Name, StringComparer.Ordinal);
        switch (args)
        {
            case ["list"]:
                foreach (IWorkload workload in workloads.Values)
                    Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{workload.Name} {workload.Operations}"));
                return 0;
            case ["serve"]:
                while (Console.In.ReadLine() is { } line)
                {
                    string[] words = line.Split(' ');
                    Console.Out.WriteLine(Measure.Of(workloads[words[0]], int.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture)));
                }

                return 0;
            default:
                Console.Error.WriteLine("usage: Virt.Work list | serve");
                return Usage;
        }
    }
}
