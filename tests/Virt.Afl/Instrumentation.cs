using SharpFuzz;

namespace Virt.Afl;

/// <summary>Makes assemblies count the ways that they go, for afl-fuzz to see which input is new.</summary>
internal static class Instrumentation
{
    /// <summary>What reads frames and their bodies; and the target, so that an input too short for any frame goes some way too.</summary>
    private static readonly string[] Assemblies = ["Virt.Core.dll", "virtd.dll", "MessagePack.dll", "Virt.Fuzz.dll"];

    /// <summary>Rewrites the assemblies in that folder, from which none of them may be loaded.</summary>
    public static void Apply(string folder)
    {
        foreach (string name in Assemblies)
            Fuzzer.Instrument(Path.Combine(folder, name), static _ => true, Options.Value);
    }
}
