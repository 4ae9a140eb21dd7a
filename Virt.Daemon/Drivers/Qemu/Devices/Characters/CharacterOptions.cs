using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A <c>-chardev</c> in both of its spellings: QEMU's option syntax, and QMP's <c>ChardevBackend</c> for
/// <c>chardev-add</c>.</summary>
/// <param name="kind">The kind of back end, which both call alike.</param>
/// <param name="id">Its id.</param>
internal sealed class CharacterOptions(string kind, string id)
{
    private readonly OptionString _text = new OptionString(kind).With("id", id);
    private readonly JsonObject _data = [];

    /// <summary>Adds a text; null adds nothing.</summary>
    /// <param name="key">Its key in the option syntax.</param>
    /// <param name="value">The text.</param>
    /// <param name="member">Its name in QMP where that differs.</param>
    public CharacterOptions With(string key, string? value, string? member = null)
    {
        _text.With(key, value);
        _data.With(member ?? key, value);
        return this;
    }

    /// <summary>Adds a switch; null adds nothing.</summary>
    public CharacterOptions With(string key, bool? value)
    {
        _text.With(key, value);
        _data.With(key, value);
        return this;
    }

    /// <summary>Adds a number; null adds nothing.</summary>
    public CharacterOptions With(string key, long? value)
    {
        _text.With(key, value);
        _data.With(key, value);
        return this;
    }

    /// <summary>Adds an address, which QMP has as an object.</summary>
    /// <param name="member">QMP's name of it.</param>
    /// <param name="type"><c>inet</c> or <c>unix</c>.</param>
    /// <param name="parts">Per part: its key in the option syntax, its name in QMP, its text.</param>
    public CharacterOptions WithAddress(string member, string type, params ReadOnlySpan<(string Key, string Member, string? Value)> parts)
    {
        var address = new JsonObject();
        foreach ((string key, string name, string? value) in parts)
        {
            _text.With(key, value);
            address.With(name, value);
        }

        _data[member] = new JsonObject { ["type"] = type, ["data"] = address };
        return this;
    }

    /// <summary>Adds what only QMP must be told, because its default differs.</summary>
    public CharacterOptions WithMember(string member, bool value)
    {
        _data[member] = value;
        return this;
    }

    /// <summary>Writes the <c>-chardev</c>.</summary>
    public void AddTo(QemuArguments arguments) =>
        arguments.AddCharacterBackend(id, _text, new JsonObject { ["type"] = kind, ["data"] = _data });
}
