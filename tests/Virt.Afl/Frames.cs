using SharpFuzz;
using Virt.Fuzz.Targets;

namespace Virt.Afl;

/// <summary>The target of frames of the other fuzzer, fed by afl-fuzz.</summary>
internal static class Frames
{
    private static FramesTarget? _target;

    /// <summary>Writes its seeds, a file each.</summary>
    public static async Task WriteSeedsAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await using FramesTarget target = new();
        int number = 0;
        foreach (byte[] seed in target.Seeds)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"seed-{++number:00}"), seed);
    }

    /// <summary>Tries what afl-fuzz sends until it ends; any exception is a crash to it.</summary>
    public static void Run() => Fuzzer.Run(stream =>
    {
        // Code that is instrumented runs only where its counts have a place, which is in here.
        _target ??= new FramesTarget();
        using MemoryStream input = new();
        stream.CopyTo(input);
        _target.RunAsync(input.ToArray()).AsTask().GetAwaiter().GetResult();
    });
}
