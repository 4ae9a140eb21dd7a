using System.Reflection;
using CsCheck;
using Virt.Tests.Core.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>Random instances of any type that travels.</summary>
internal static class RecordGen
{
    /// <summary>How deep records are made inside of records; below it lists are empty and what may be null is.</summary>
    private const int Depth = 3;

    private static readonly NullabilityInfoContext Nullability = new();

    public static Gen<object?> Of(Type record) => Value(record, null, 0);

    private static Gen<object?> Value(Type type, NullabilityInfo? nullability, int depth)
    {
        Type inner = Nullable.GetUnderlyingType(type) ?? type;
        bool nullable = inner != type || (!type.IsValueType && nullability?.ReadState == NullabilityState.Nullable);
        if (nullable && depth >= Depth)
            return Gen.Const((object?)null);
        Gen<object?> present = Present(inner, nullability, depth);
        return nullable ? Gen.OneOf(Gen.Const((object?)null), present) : present;
    }

    private static Gen<object?> Present(Type type, NullabilityInfo? nullability, int depth)
    {
        if (type.IsEnum)
            return Number(Type.GetTypeCode(type.GetEnumUnderlyingType())).Select(number => (object?)Enum.ToObject(type, number!));
        if (type == typeof(string))
            return Boxed(Gens.Text);
        if (type == typeof(bool))
            return Boxed(Gen.Bool);
        if (type == typeof(Guid))
            return Boxed(Gen.Guid);
        if (type == typeof(DateTimeOffset))
            return Boxed(Gens.Moment);
        if (type == typeof(TimeSpan))
            return Boxed(Gens.Duration);
        if (type == typeof(byte[]))
            return Boxed(Gens.Bytes);
        if (type == typeof(ReadOnlyMemory<byte>))
            return Gens.Bytes.Select(bytes => (object?)new ReadOnlyMemory<byte>(bytes));
        if (type.IsPrimitive)
            return Number(Type.GetTypeCode(type));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0], nullability?.GenericTypeArguments[0], depth);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return Map(type.GetGenericArguments()[1], nullability?.GenericTypeArguments[1], depth);
        return Record(type, depth);
    }

    private static Gen<object?> Number(TypeCode code) => code switch
    {
        TypeCode.Int32 => Boxed(Gen.Int),
        TypeCode.Int64 => Boxed(Gen.Long),
        TypeCode.UInt32 => Boxed(Gen.UInt),
        TypeCode.UInt64 => Boxed(Gen.ULong),
        TypeCode.Single => Boxed(Gen.Float.Where(float.IsFinite)),
        TypeCode.Double => Boxed(Gen.Double.Where(double.IsFinite)),
        _ => throw new NotSupportedException($"no random {code}"),
    };

    private static Gen<object?> List(Type element, NullabilityInfo? nullability, int depth) =>
        Value(element, nullability, depth + 1).Array[0, depth < Depth ? 4 : 0].Select(values =>
        {
            var list = Array.CreateInstance(element, values.Length);
            values.CopyTo(list, 0);
            return (object?)list;
        });

    private static Gen<object?> Map(Type element, NullabilityInfo? nullability, int depth) =>
        Gen.Select(Gens.Text, Value(element, nullability, depth + 1)).Array[0, depth < Depth ? 4 : 0].Select(pairs =>
        {
            var map = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element))!;
            foreach (var (key, value) in pairs)
                map[key] = value;
            return (object?)map;
        });

    private static Gen<object?> Record(Type type, int depth)
    {
        ConstructorInfo constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        Gen<object?[]> fields = Gen.Const(Array.Empty<object?>());
        foreach (ParameterInfo parameter in constructor.GetParameters())
            fields = Gen.Select(fields, Value(parameter.ParameterType, Inspect(parameter), depth + 1), (before, value) => (object?[])[.. before, value]);
        return fields.Select(values => (object?)constructor.Invoke(values));
    }

    private static NullabilityInfo Inspect(ParameterInfo parameter)
    {
        lock (Nullability)
            return Nullability.Create(parameter);
    }

    private static Gen<object?> Boxed<T>(Gen<T> values) => values.Select(value => (object?)value);
}
