using System.Globalization;
using System.Text;
using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Short texts, numbered.</summary>
internal sealed class StringValues(int count, string format) : IValues
{
    private readonly string[] _values =
        [.. Enumerable.Range(0, count).Select(index => string.Format(CultureInfo.InvariantCulture, CompositeFormat.Parse(format), index))];

    public int Count => count;

    public void Write(ref PackWriter writer)
    {
        foreach (string value in _values)
            writer.Write(value);
    }

    public void Read(ref PackReader reader)
    {
        for (int i = 0; i < count; i++)
            _ = reader.ReadString();
    }
}
