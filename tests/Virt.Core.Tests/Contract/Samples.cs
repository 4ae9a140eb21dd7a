using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Virt.Tests.Core.Contract;

/// <summary>What a sample is filled with.</summary>
public enum SampleKind
{
    /// <summary>Everything is there.</summary>
    Full,
    /// <summary>Null where null is allowed; else zero, empty text, empty lists.</summary>
    Least,
    /// <summary>As full, with enum values that nobody has named yet.</summary>
    UnknownEnums,
}

/// <summary>Makes an instance of any type that travels, the same one each time. Appended positions leave those before them alone.</summary>
internal sealed class Samples(SampleKind kind)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private int _counter;

    public static TheoryData<SampleKind> Kinds => [.. Enum.GetValues<SampleKind>()];

    public static object Record(Type type, SampleKind kind) => new Samples(kind).Make(type, type.Name, null)!;

    public static object?[] Arguments(MethodInfo method, SampleKind kind)
    {
        var samples = new Samples(kind);
        return [.. method.GetParameters().Select(samples.Make)];
    }

    public static object? Result(MethodInfo method, SampleKind kind)
    {
        var samples = new Samples(kind);
        var task = samples.Inspect(method.ReturnParameter);
        return samples.Make(method.ReturnType.GetGenericArguments()[0], method.Name, task?.GenericTypeArguments[0]);
    }

    /// <summary>A text that is the same for equal values.</summary>
    public static string Text(object? value) => JsonSerializer.Serialize(value);

    private object? Make(ParameterInfo parameter) => Make(parameter.ParameterType, parameter.Name!, Inspect(parameter));

    private NullabilityInfo? Inspect(ParameterInfo parameter)
    {
        lock (Nullability)
            return Nullability.Create(parameter);
    }

    private object? Make(Type type, string name, NullabilityInfo? nullability)
    {
        bool nullable = Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && nullability?.ReadState == NullabilityState.Nullable);
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(CancellationToken))
            return TestContext.Current.CancellationToken;
        if (typeof(Delegate).IsAssignableFrom(type))
            return Recording(type);
        bool least = kind == SampleKind.Least;
        if (nullable && least)
            return null;
        int number = least ? 0 : ++_counter;
        if (type.IsEnum)
            return Enum.ToObject(type, kind == SampleKind.UnknownEnums ? 0x7fff0000 + number : least ? 0 : 1);
        if (type == typeof(string))
            return least ? "" : name;
        if (type == typeof(bool))
            return !least;
        if (type == typeof(Guid))
            return new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        if (type == typeof(DateTimeOffset))
            return least ? DateTimeOffset.UnixEpoch : Moment.AddSeconds(number);
        if (type == typeof(TimeSpan))
            return TimeSpan.FromMilliseconds(number);
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(Bytes(number));
        if (type == typeof(byte[]))
            return Bytes(number);
        if (type.IsPrimitive)
            return Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0], name, nullability?.GenericTypeArguments[0], least ? 0 : 2);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return Map(type.GetGenericArguments()[1], name, nullability?.GenericTypeArguments[1], least ? 0 : 2);

        // A nested record counts for itself, so that appending to it leaves what follows alone.
        var constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        var nested = new Samples(kind);
        return constructor.Invoke([.. constructor.GetParameters().Select(nested.Make)]);
    }

    private Array List(Type element, string name, NullabilityInfo? nullability, int count)
    {
        var list = Array.CreateInstance(element, count);
        for (int i = 0; i < count; i++)
            list.SetValue(Make(element, name, nullability), i);
        return list;
    }

    private IDictionary Map(Type element, string name, NullabilityInfo? nullability, int count)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element))!;
        for (int i = 0; i < count; i++)
            map.Add($"{name}{i}", Make(element, name, nullability));
        return map;
    }

    private static byte[] Bytes(int number) => [.. Enumerable.Range(1, Math.Min(number, 4)).Select(i => (byte)i)];

    private static Delegate Recording(Type action) => typeof(Samples)
        .GetMethod(nameof(Ignore), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(action.GetGenericArguments()).CreateDelegate(action);

    private static void Ignore<T>(T value) => _ = value;
}
