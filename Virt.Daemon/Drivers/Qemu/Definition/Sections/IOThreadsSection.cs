using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>iothreads</c>, <c>iothreadids</c>, <c>defaultiothread</c>: threads that serve disks.</summary>
internal sealed class IOThreadsSection : GuestSection
{
    private const int Maximum = 1024;
    private readonly IReadOnlyList<int> _numbers;
    private readonly Dictionary<int, IOThreadSettings> _settings = [];
    private readonly IOThreadSettings? _main;

    public IOThreadsSection(GuestContext context)
        : base(context)
    {
        _numbers = Numbers(context.General);
        if (_numbers.Distinct().Count() != _numbers.Count)
            throw XmlFault.Invalid(context.General.Root.Element("iothreadids")!, "two iothreads have the same id");
        XElement root = context.General.Root;
        foreach (XElement thread in root.Element("iothreadids")?.Elements("iothread") ?? [])
            _settings[thread.Integer("id", 1, int.MaxValue)!.Value] = IOThreadSettings.Read(thread);
        _main = root.Element("defaultiothread") is { } main ? IOThreadSettings.Read(main) : null;
    }

    /// <summary>The numbers of a domain's iothreads: those given ids first, the rest counted up.</summary>
    public static IReadOnlyList<int> Numbers(DomainDefinition general)
    {
        List<int> numbers = [.. general.Root.Element("iothreadids")?.Elements("iothread").Take(Maximum)
            .Select(
                thread => thread.Integer("id", 1, int.MaxValue) ?? throw XmlFault.Invalid(thread, "the attribute id is missing"))
                ?? []];
        int count = (int)(general.Root.Element("iothreads")?.Number(0, Maximum) ?? numbers.Count);
        for (int number = 1; numbers.Count < count; number++)
        {
            if (!numbers.Contains(number))
                numbers.Add(number);
        }

        return numbers;
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_main is { IsEmpty: false } main)
            arguments.AddObject(main.AddTo(JsonProperties.Object("main-loop", "main-loop")));
        foreach (int number in _numbers)
        {
            JsonObject thread = JsonProperties.Object("iothread", string.Create(CultureInfo.InvariantCulture, $"iothread{number}"));
            arguments.AddObject(_settings.TryGetValue(number, out IOThreadSettings? settings) ? settings.AddTo(thread) : thread);
        }
    }
}
