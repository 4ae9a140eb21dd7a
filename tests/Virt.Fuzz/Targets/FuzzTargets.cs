using Virt.Fuzz.Engine;

namespace Virt.Fuzz.Targets;

/// <summary>All targets, by name.</summary>
internal static class FuzzTargets
{
    private static readonly Func<FuzzTarget>[] Makers =
    [
        () => new FramesTarget(), () => new BodiesTarget(), () => new XmlTarget(), () => new UriTarget(), () => new ScramTarget(), () => new NamesTarget(), () => new StatusTarget(), () => new QmpTarget(),
    ];

    /// <summary>Makes all of them, in the order in which they run.</summary>
    public static IReadOnlyList<FuzzTarget> Make() => [.. Makers.Select(make => make())];

    /// <summary>Makes one of them.</summary>
    public static FuzzTarget Make(string name) =>
        Make().FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"there is no target '{name}'; there are {string.Join(", ", Make().Select(target => target.Name))}");
}
