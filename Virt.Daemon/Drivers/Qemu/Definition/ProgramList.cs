using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>
/// The programs of one kind that virtd may run: those it has found itself, and those that an administrator lists in virtd.json. A client
/// or a definition selects among them by the path, letter by letter; whatever else it names is neither run nor looked at.
/// </summary>
/// <param name="kind">What they are, for errors.</param>
/// <param name="key">The key in virtd.json that lists more.</param>
/// <param name="found">What virtd finds itself.</param>
/// <param name="listed">What the administrator lists.</param>
internal sealed class ProgramList(string kind, string key, Func<IEnumerable<string>> found, IReadOnlyList<string> listed)
{
    /// <summary>What the administrator lists.</summary>
    public IReadOnlyList<string> Listed => listed;

    /// <summary>Whether virtd may run it.</summary>
    public bool Has(string path) => listed.Contains(path) || found().Contains(path);

    /// <summary>What is wrong with a program that is none of these; it tells nothing of the host's files.</summary>
    public string Refusal(string path) => $"{kind} '{path}' is not one that virtd may run";

    /// <summary>What to do about it.</summary>
    public string Advice(string path) =>
        $"Leave it out to have the host's own, or have an administrator list it in virtd.json: \"qemu\": {{ \"{key}\": [\"{path}\"] }}.";

    /// <summary>Throws unless virtd may run it.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ConfigurationUnsupported"/>.</exception>
    public void Demand(string path)
    {
        if (!Has(path))
            throw new VirtException(VirtErrorCode.ConfigurationUnsupported, Refusal(path), path, Advice(path));
    }
}
