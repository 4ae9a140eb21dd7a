using System.Management.Automation;

namespace Virt.PowerShell;

/// <summary>
/// Lets a parameter take a size in bytes or as text: <c>2147483648</c>, <c>2GB</c>, <c>'2G'</c>, <c>'512MiB'</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SizeAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether it may be none.</summary>
    public bool AllowZero { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            long bytes = SizeText.From(value);
            return bytes > 0 || (AllowZero && bytes == 0)
                ? bytes
                : throw new FormatException($"'{value}' is not a size above zero. {SizeText.Forms}");
        }
        catch (FormatException notSize)
        {
            throw new ArgumentTransformationMetadataException(notSize.Message);
        }
    }
}
