using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>Where sections and devices put their part of the command line.</summary>
/// <param name="paths">The paths of the run.</param>
/// <param name="lastNode">The highest number that a block node of the run has.</param>
internal sealed class QemuArguments(LaunchPaths paths, int lastNode = 0)
{
    private readonly List<string> _arguments = [];
    private readonly List<PostStartCommand> _postStart = [];
    private readonly List<QemuPart> _parts = [];
    private readonly List<Func<SafeHandle>> _descriptors = [];
    private readonly Dictionary<string, Action<JsonObject>> _overrides = new(StringComparer.Ordinal);
    private int _nodes = lastNode;

    /// <summary>The paths of this run.</summary>
    public LaunchPaths Paths { get; } = paths;

    /// <summary>Whether only ids matter, to take out what a running guest has: nothing need be looked up on the host.</summary>
    public bool IsReadBack { get; init; }

    /// <summary>All arguments so far.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>What the monitor can add to a running guest as well, in order.</summary>
    public IReadOnlyList<QemuPart> Parts => _parts;

    /// <summary>What the process inherits after the monitor's descriptor.</summary>
    public IReadOnlyList<Func<SafeHandle>> Descriptors => _descriptors;

    /// <summary>All monitor commands so far.</summary>
    public IReadOnlyList<PostStartCommand> PostStart => _postStart;

    /// <summary>The environment of the process.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>The options of <c>-machine</c>, which several sections share.</summary>
    public OptionString Machine { get; set; } = new();

    /// <summary>The options of <c>-accel</c>.</summary>
    public OptionString Accelerator { get; set; } = new();

    /// <summary>The options of <c>-cpu</c>.</summary>
    public OptionString Cpu { get; set; } = new();

    /// <summary>Adds an option without a value.</summary>
    public void Add(string option) => _arguments.Add(option);

    /// <summary>Adds an option and its value.</summary>
    public void Add(string option, string value)
    {
        _arguments.Add(option);
        _arguments.Add(value);
    }

    /// <summary>Adds an option with a value in QEMU's option syntax.</summary>
    public void Add(string option, OptionString value) => Add(option, value.ToString());

    /// <summary>Adds an option with a value in JSON.</summary>
    public void Add(string option, JsonObject value)
    {
        _parts.Add(new QemuPart(option, value));
        Add(option, JsonProperties.Format(value));
    }

    /// <summary>Adds a <c>-chardev</c>, which QEMU takes in its option syntax on the command line and in JSON at the monitor.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="options">The options, with the id.</param>
    /// <param name="backend">The argument <c>backend</c> of <c>chardev-add</c> (QMP's <c>ChardevBackend</c>).</param>
    public void AddCharacterBackend(string id, OptionString options, JsonObject backend)
    {
        _parts.Add(new QemuPart("-chardev", new JsonObject { ["id"] = id, ["backend"] = backend }));
        Add("-chardev", options);
    }

    /// <summary>Has the process inherit a descriptor, which is opened just before it starts; returns its number there.</summary>
    public int AddDescriptor(Func<SafeHandle> open)
    {
        _descriptors.Add(open);
        return QemuCommandLine.MonitorDescriptor + _descriptors.Count;
    }

    /// <summary>Adds a <c>-device</c>.</summary>
    public void AddDevice(JsonObject device)
    {
        if ((string?)device["id"] is { } id && _overrides.TryGetValue(id, out Action<JsonObject>? change))
            change(device);
        Add("-device", device);
    }

    /// <summary>Has a change made to the device of this id.</summary>
    public void Override(string id, Action<JsonObject> change) => _overrides[id] = change;

    /// <summary>Adds an <c>-object</c>.</summary>
    public void AddObject(JsonObject value) => Add("-object", value);

    /// <summary>Adds an <c>-object secret</c> whose value QEMU reads from a descriptor, and which has it inline at the monitor.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="value">The value; null when it is not known, as when a running guest's devices are read back.</param>
    public void AddSecret(string id, byte[]? value)
    {
        int descriptor = AddDescriptor(() => SecretPipe.Open(value ?? throw new InvalidOperationException($"the secret '{id}' was not looked up")));
        JsonObject secret = JsonProperties.Object("secret", id).With("format", "base64");
        _parts.Add(new QemuPart("-object", ((JsonObject)secret.DeepClone()).With("data", value is null ? null : Convert.ToBase64String(value))));
        Add("-object", JsonProperties.Format(secret.With("file", $"/dev/fd/{descriptor}")));
    }

    /// <summary>Adds a monitor command to run after start.</summary>
    public void AddPostStart(PostStartCommand command) => _postStart.Add(command);

    /// <summary>The next free number of a block node, from 1 in a run.</summary>
    public int NextNode() => ++_nodes;
}

/// <summary>An option that has its match at the monitor: <c>-blockdev</c>, <c>-netdev</c>, <c>-object</c>, <c>-chardev</c>,
/// <c>-device</c>.</summary>
/// <param name="Option">The option.</param>
/// <param name="Value">Its value, as the monitor takes it.</param>
internal sealed record QemuPart(string Option, JsonObject Value);
