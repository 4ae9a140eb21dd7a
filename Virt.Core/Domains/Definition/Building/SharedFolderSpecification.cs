namespace Virt.Domains.Definition;

/// <summary>A folder of the host that the guest can mount.</summary>
/// <param name="Path">The folder on the host.</param>
/// <param name="Tag">The name that the guest mounts it by.</param>
public sealed record SharedFolderSpecification(string Path, string Tag)
{
    /// <summary><c>virtiofs</c>, which needs memory that is shared with the host, or <c>9p</c>.</summary>
    public string Driver { get; init; } = "virtiofs";

    /// <summary>Whether the guest cannot write to it.</summary>
    public bool ReadOnly { get; init; }
}
