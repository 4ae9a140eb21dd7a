using System.Collections;
using System.Management.Automation;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Lets a parameter take devices as text, as hashtables, or as objects, one or many. A value that is no such thing is an error
/// that says what is.
/// </summary>
/// <typeparam name="T">What the parameter holds.</typeparam>
internal abstract class SpecAttribute<T> : ArgumentTransformationAttribute
    where T : class
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return Bare(inputData) is IList many and not byte[]
                ? (T[])[.. many.Cast<object?>().Select(One)]
                : (T[])[One(inputData)];
        }
        catch (FormatException malformed)
        {
            throw new ArgumentTransformationMetadataException(malformed.Message);
        }
        catch (VirtException malformed)
        {
            throw new ArgumentTransformationMetadataException(
                $"{ErrorMap.Sentence(malformed.Message)} {malformed.RecommendedAction}".TrimEnd());
        }
    }

    /// <summary>What a value means: bare, unless it was made of properties.</summary>
    private protected abstract T Read(object value);

    private static object? Bare(object? value) =>
        value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private T One(object? value) => Bare(value) switch
    {
        T read => read,
        null or "" => throw new FormatException("There is nothing in it."),
        var bare => Read(bare),
    };
}
