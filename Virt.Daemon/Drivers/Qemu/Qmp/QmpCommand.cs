using System.Buffers;
using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Qmp;

/// <summary>A command of QEMU's machine protocol.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Writes the members of its arguments object; null when it has none.</param>
internal sealed record QmpCommand(string Name, Action<Utf8JsonWriter>? Arguments = null)
{
    /// <summary>A name alone is a command without arguments.</summary>
    public static implicit operator QmpCommand(string name) => new(name);

    /// <summary>The message: one line of JSON.</summary>
    public ReadOnlyMemory<byte> Encode(long id)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", Name);
            if (Arguments is not null)
            {
                writer.WriteStartObject("arguments");
                Arguments(writer);
                writer.WriteEndObject();
            }

            writer.WriteNumber("id", id);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
