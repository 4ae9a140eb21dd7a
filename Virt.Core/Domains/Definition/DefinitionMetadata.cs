using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>What other programs keep under <c>metadata</c>: elements, each in a namespace of its own.</summary>
internal static class DefinitionMetadata
{
    /// <summary>Reads an element to be kept.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.XmlDetail"/>, or <see cref="VirtErrorCode.InvalidArgument"/> for an
    /// element without a namespace.</exception>
    public static XElement Parse(string xml)
    {
        XElement element = SafeXml.ParseFragment(xml);
        return element.Name.NamespaceName.Length > 0
            ? element
            : throw new VirtException(
                VirtErrorCode.InvalidArgument, $"the metadata element <{element.Name.LocalName}> is in no namespace",
                recommendedAction: "Give it one, as in <app:state xmlns:app='https://example.org/app'>.");
    }

    /// <summary>Puts an element in the place of the one with its namespace.</summary>
    public static void Set(DomainDefinition definition, XElement element)
    {
        XElement metadata = definition.Section("metadata");
        XElement[] old = [.. metadata.Elements().Where(other => other.Name.Namespace == element.Name.Namespace)];
        if (old is [var only] && XNode.DeepEquals(only, element))
            return;
        foreach (XElement other in old)
            other.Remove();
        metadata.Add(new XElement(element));
    }

    /// <summary>Removes the element with a namespace.</summary>
    /// <exception cref="VirtNotFoundException"><see cref="VirtErrorCode.NoDomainMetadata"/> when there is none.</exception>
    public static void Remove(DomainDefinition definition, string name)
    {
        XElement? metadata = definition.Root.Element("metadata");
        XElement[] old = [.. metadata?.Elements().Where(other => other.Name.NamespaceName == name) ?? []];
        if (old.Length == 0)
        {
            throw VirtException.Create(
                VirtErrorCode.NoDomainMetadata, $"the domain '{definition.Name}' has no metadata in the namespace '{name}'", definition.Name,
                "Get-VirtXml shows the metadata with their namespaces.");
        }

        foreach (XElement other in old)
            other.Remove();
        if (!metadata!.HasElements)
            metadata.Remove();
    }
}
