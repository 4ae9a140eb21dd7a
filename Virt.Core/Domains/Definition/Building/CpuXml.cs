using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Writes the <c>cpu</c> element for a model as people say it.</summary>
internal static class CpuXml
{
    public static XElement? Build(DomainSpecification domain)
    {
        string? said = domain.Cpu ?? (domain.Type == "kvm" ? "host-passthrough" : null);
        if (said is null)
            return null;
        string[] parts = said.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            throw Invalid(said);
        bool mode = parts[0] is "host-passthrough" or "host-model" or "maximum";
        return new XElement(
            "cpu",
            mode
                ? [new XAttribute("mode", parts[0])]
                : new object[]
                {
                    new XAttribute("mode", "custom"), new XAttribute("match", "exact"),
                    new XElement("model", new XAttribute("fallback", "forbid"), parts[0]),
                },
            parts.Skip(1).Select(feature => Feature(feature, said)));
    }

    private static XElement Feature(string feature, string said) => feature.Length > 1 && feature[0] is '+' or '-'
        ? new XElement(
            "feature", new XAttribute("policy", feature[0] == '+' ? "require" : "disable"), new XAttribute("name", feature[1..]))
        : throw Invalid(said);

    private static VirtException Invalid(string said) => new(
        VirtErrorCode.InvalidArgument, $"'{said}' is not a CPU", said,
        "Give host-passthrough, host-model, maximum, or a model with features: 'EPYC,+vmx,-hle'.");
}
