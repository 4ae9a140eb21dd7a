using System.Buffers;
using System.Reflection;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>The generated codec of a record, found by its name, for tests that go over all records.</summary>
internal abstract class WireCodec
{
    /// <summary>All records of the library.</summary>
    public static IReadOnlyList<Type> Records { get; } =
    [
        .. typeof(WireAttribute).Assembly.GetTypes().Where(type => type.IsDefined(typeof(WireAttribute)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    public static TheoryData<string> RecordNames => [.. Records.Select(type => type.FullName!)];

    public static WireCodec Of(string record) => Of(Records.Single(type => type.FullName == record));

    public static WireCodec Of(Type record) => (WireCodec)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(record))!;

    public abstract Type Record { get; }

    public abstract byte[] Write(object value);

    /// <summary>Reads one record and insists that nothing is left.</summary>
    public abstract object Read(ReadOnlyMemory<byte> data);

    private sealed class Typed<T> : WireCodec
    {
        private static readonly Type Codec = typeof(T).Assembly.GetType(typeof(T).FullName + "Codec", throwOnError: true)!;
        private readonly WireWriter<T> _write = Method("Write").CreateDelegate<WireWriter<T>>();
        private readonly WireReader<T> _read = Method("Read").CreateDelegate<WireReader<T>>();

        public override Type Record => typeof(T);

        public override byte[] Write(object value)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new PackWriter(output);
            _write(ref writer, (T)value);
            writer.Flush();
            return output.WrittenSpan.ToArray();
        }

        public override object Read(ReadOnlyMemory<byte> data)
        {
            var reader = new PackReader(data);
            T value = _read(ref reader);
            Assert.True(reader.IsEnd);
            return value!;
        }

        private static MethodInfo Method(string name) => Codec.GetMethod(name)!;
    }
}
