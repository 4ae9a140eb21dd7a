using System.Text.Json.Nodes;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>Where sections and devices put their part of the command line.</summary>
internal sealed class QemuArguments(LaunchPaths paths)
{
    private readonly List<string> _arguments = [];
    private readonly List<PostStartCommand> _postStart = [];
    private int _nodes;

    /// <summary>The paths of this run.</summary>
    public LaunchPaths Paths { get; } = paths;

    /// <summary>All arguments so far.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

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
    public void Add(string option, JsonObject value) => Add(option, JsonProperties.Format(value));

    /// <summary>Adds a <c>-device</c>.</summary>
    public void AddDevice(JsonObject device) => Add("-device", device);

    /// <summary>Adds an <c>-object</c>.</summary>
    public void AddObject(JsonObject value) => Add("-object", value);

    /// <summary>Adds a monitor command to run after start.</summary>
    public void AddPostStart(PostStartCommand command) => _postStart.Add(command);

    /// <summary>The next free number of a block node, from 1.</summary>
    public int NextNode() => ++_nodes;
}
