using System.Buffers;
using MessagePack;

namespace Virt.Tests.Core.Packing;

/// <summary>The documents of <see cref="Document"/>, written and read by the MessagePack package alone.</summary>
internal static class PackageDocument
{
    public static byte[] Bytes(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        Write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static object? Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer:
                var ahead = reader.CreatePeekReader();
                return reader.NextCode == MessagePackCode.UInt64 && ahead.ReadUInt64() > long.MaxValue ? reader.ReadUInt64() : reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return reader.ReadBytes()!.Value.ToArray();
            case MessagePackType.Array:
                object?[] array = new object?[reader.ReadArrayHeader()];
                for (int i = 0; i < array.Length; i++)
                    array[i] = Read(ref reader);
                return array;
            case MessagePackType.Map:
                int count = reader.ReadMapHeader();
                var map = new List<KeyValuePair<object?, object?>>(count);
                for (int i = 0; i < count; i++)
                    map.Add(KeyValuePair.Create(Read(ref reader), Read(ref reader)));
                return map;
            default:
                var header = reader.ReadExtensionFormatHeader();
                if (header.TypeCode == ReservedMessagePackExtensionTypeCode.DateTime && header.Length is 4 or 8 or 12)
                    return new DateTimeOffset(reader.ReadDateTime(header));
                return new Extension(header.TypeCode, Convert.ToHexStringLower(reader.ReadRaw(header.Length).ToArray()));
        }
    }

    private static void Write(ref MessagePackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool flag:
                writer.Write(flag);
                break;
            case long number:
                writer.Write(number);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case string text:
                writer.Write(text);
                break;
            case byte[] bytes:
                writer.Write(bytes);
                break;
            case DateTimeOffset moment:
                writer.Write(moment.UtcDateTime);
                break;
            case Extension extension:
                writer.WriteExtensionFormat(new ExtensionResult(extension.Type, Convert.FromHexString(extension.Hex)));
                break;
            case object?[] array:
                writer.WriteArrayHeader(array.Length);
                foreach (object? element in array)
                    Write(ref writer, element);
                break;
            case List<KeyValuePair<object?, object?>> map:
                writer.WriteMapHeader(map.Count);
                foreach (var (key, element) in map)
                {
                    Write(ref writer, key);
                    Write(ref writer, element);
                }

                break;
            default:
                throw new ArgumentException("no such value", nameof(value));
        }
    }
}
