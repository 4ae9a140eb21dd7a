using Virt.Fuzz.Engine;

namespace Virt.Fuzz.Targets;

/// <summary>All targets, by name, in the order in which they run.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Makers = new(StringComparer.Ordinal)
    {
        ["frames"] = () => new FramesTarget(),
        ["bodies"] = () => new BodiesTarget(),
        ["xml"] = () => new XmlTarget(),
        ["uri"] = () => new UriTarget(),
        ["scram"] = () => new ScramTarget(),
        ["names"] = () => new NamesTarget(),
        ["status"] = () => new StatusTarget(),
        ["image"] = () => new ImageTarget(),
        ["qmp"] = () => new QmpTarget(),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => [.. Makers.Keys];

    /// <summary>Makes one of them; whoever gets it disposes it.</summary>
    public static FuzzTarget Make(string name) => Makers.TryGetValue(name, out Func<FuzzTarget>? make)
        ? make()
        : throw new ArgumentException($"there is no target '{name}'; there are {string.Join(", ", Names)}");
}
