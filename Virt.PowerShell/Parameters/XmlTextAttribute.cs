using System.Management.Automation;
using System.Xml;
using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>Lets a string parameter take XML documents and nodes too.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class XmlTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Text(inputData) switch
    {
        object?[] many => many.Select(Text).ToArray(),
        var one => one!,
    };

    private static object? Text(object? value)
    {
        object? bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare is XmlNode or XNode ? XmlText.FromUser(bare) : bare;
    }
}
