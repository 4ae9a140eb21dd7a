using System.Collections;
using System.Globalization;
using System.Reflection;
using Virt.Rpc;

namespace Virt.Fuzz.Targets;

/// <summary>Makes good values of every type that travels. Names and uuids are those of the test host, so that calls find something.</summary>
internal sealed class Samples(bool full)
{
    private const string Domain = "<domain type='test'><name>fresh</name><memory>65536</memory><os><type>hvm</type></os></domain>";
    private const string Disk = "<disk type='file'><source file='/new.img'/><target dev='vdb' bus='virtio'/></disk>";
    private const string Secret = "<secret><usage type='volume'><volume>/x</volume></usage></secret>";
    private static readonly Guid Uuid = new("6695eb01-f6a4-8304-79aa-97f2502e193f");

    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>A method's arguments, those that do not travel left out by the stub.</summary>
    public object?[] Arguments(MethodInfo method) => [.. method.GetParameters().Select(parameter => Make(parameter, method.Name))];

    /// <summary>A record.</summary>
    public object Record(Type type) => Make(type, type.Name, type.Name, null)!;

    private object? Make(ParameterInfo parameter, string owner) =>
        Make(parameter.ParameterType, parameter.Name!, owner, _nullability.Create(parameter));

    private object? Make(Type type, string name, string owner, NullabilityInfo? nullability)
    {
        bool nullable = Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && nullability?.ReadState == NullabilityState.Nullable);
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(CancellationToken))
            return CancellationToken.None;
        if (typeof(Delegate).IsAssignableFrom(type))
            return Ignoring(type);
        if (nullable && !full)
            return null;
        if (type == typeof(string))
            return Text(name, owner);
        if (type == typeof(Guid))
            return Uuid;
        if (type == typeof(bool))
            return full;
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        if (type == typeof(TimeSpan))
            return TimeSpan.FromSeconds(1);
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>([1, 2, 3]);
        if (type == typeof(byte[]))
            return new byte[] { 1, 2, 3 };
        if (type.IsEnum)
            return Enum.ToObject(type, 0);
        if (type.IsPrimitive)
            return Convert.ChangeType(full ? 1 : 0, type, CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0], name, owner, nullability);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return Map(type.GetGenericArguments()[1], name, owner, nullability);
        ConstructorInfo constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter, type.Name))]);
    }

    private static string Text(string name, string owner) => name switch
    {
        "xml" when owner.Contains("Secret", StringComparison.Ordinal) => Secret,
        "xml" when owner.Contains("Device", StringComparison.Ordinal) => Disk,
        "xml" => Domain,
        "target" => "vda",
        "newName" => "renamed",
        _ when owner == "OpenAsync" => "test:///default",
        _ when name.Contains("path", StringComparison.OrdinalIgnoreCase) => "/x/y.img",
        _ => "test",
    };

    private Array List(Type element, string name, string owner, NullabilityInfo? nullability)
    {
        var list = Array.CreateInstance(element, full ? 1 : 0);
        if (full)
            list.SetValue(Make(element, name, owner, nullability?.GenericTypeArguments[0]), 0);
        return list;
    }

    private IDictionary Map(Type element, string name, string owner, NullabilityInfo? nullability)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element))!;
        if (full)
            map.Add(name, Make(element, name, owner, nullability?.GenericTypeArguments[1]));
        return map;
    }

    private static Delegate Ignoring(Type action) => typeof(Samples).GetMethod(nameof(Ignore), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(action.GetGenericArguments()).CreateDelegate(action);

    private static void Ignore<T>(T value) => _ = value;
}
