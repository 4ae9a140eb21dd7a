using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>iothreads</c>: threads that serve disks.</summary>
internal sealed class IOThreadsSection : GuestSection
{
    private const int Maximum = 1024;
    private readonly IReadOnlyList<int> _numbers;

    public IOThreadsSection(GuestContext context)
        : base(context)
    {
        _numbers = Numbers(context.General);
        if (_numbers.Distinct().Count() != _numbers.Count)
            throw XmlFault.Invalid(context.General.Root.Element("iothreadids")!, "two iothreads have the same id");
        IEnumerable<XElement> threads = context.General.Root.Element("iothreadids")?.Elements("iothread") ?? [];
        if (threads.FirstOrDefault(thread => thread.HasElements || thread.Attribute("thread_pool_min") is not null) is { } tuned)
            throw XmlFault.Unsupported(tuned, "pool sizes and polling are not supported by this version");
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
        foreach (int number in _numbers)
            arguments.AddObject(
                JsonProperties.Object("iothread", string.Create(CultureInfo.InvariantCulture, $"iothread{number}")));
    }
}
