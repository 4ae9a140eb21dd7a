using System.Buffers;
using System.Reflection;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Targets;

/// <summary>The generated codec of a record.</summary>
internal abstract class RecordCodec
{
    /// <summary>Those of all records that travel.</summary>
    public static IReadOnlyList<RecordCodec> All { get; } =
    [
        .. typeof(WireAttribute).Assembly.GetTypes().Where(type => type.IsDefined(typeof(WireAttribute), false))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (RecordCodec)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(type))!),
    ];

    /// <summary>Encodes a sample.</summary>
    public abstract byte[] Sample(bool full);

    /// <summary>Decodes a value and encodes it again.</summary>
    /// <exception cref="PackException">It cannot be read.</exception>
    public abstract byte[] Again(ReadOnlyMemory<byte> data);

    private sealed class Typed<T> : RecordCodec
    {
        private static readonly Type Codec = typeof(T).Assembly.GetType(typeof(T).FullName + "Codec", throwOnError: true)!;
        private readonly WireWriter<T> _write = Codec.GetMethod("Write")!.CreateDelegate<WireWriter<T>>();
        private readonly WireReader<T> _read = Codec.GetMethod("Read")!.CreateDelegate<WireReader<T>>();

        public override byte[] Sample(bool full) => Write((T)new Samples(full).Record(typeof(T)));

        public override byte[] Again(ReadOnlyMemory<byte> data)
        {
            var reader = new PackReader(data);
            return Write(_read(ref reader));
        }

        private byte[] Write(T value)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new PackWriter(output);
            _write(ref writer, value);
            writer.Flush();
            return output.WrittenSpan.ToArray();
        }
    }
}
