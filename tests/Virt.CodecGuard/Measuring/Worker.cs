using System.Diagnostics;
using System.Globalization;

namespace Virt.CodecGuard.Measuring;

/// <summary>A process that does the work with one of the codecs, when asked to.</summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    public Worker(string program) => _process = Process.Start(new ProcessStartInfo("dotnet", [program, "serve"])
    {
        UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
    })!;

    /// <summary>The workloads of a program: name and operations of one run.</summary>
    public static async Task<IReadOnlyList<(string Name, int Operations)>> ListAsync(string program, CancellationToken cancel)
    {
        (int exit, string output, string errors) = await Tool.ReadAsync("dotnet", [program, "list"], Limit, cancel);
        return exit == 0
            ? [.. output.Split('\n').Select(line => line.Split(' ')).Select(words => (words[0], Number(words[1])))]
            : throw new InvalidOperationException($"{program} does not list its workloads: {errors}");

        static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a workload that many times.</summary>
    public async Task<Sample> RunAsync(string workload, int runs, CancellationToken cancel)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(Limit);
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{workload} {runs}").AsMemory(), time.Token);
        await _process.StandardInput.FlushAsync(time.Token);
        string[] answer = (await _process.StandardOutput.ReadLineAsync(time.Token))?.Split(' ')
            ?? throw new InvalidOperationException($"the worker ended while it ran {workload}");
        return new Sample(long.Parse(answer[0], CultureInfo.InvariantCulture), long.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
