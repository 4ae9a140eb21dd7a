using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Storage;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Targets;

/// <summary>
/// Names and paths: the files that are named after them stay in their folders, and wherever a definition has a text, another text
/// there changes that text on the command line and nothing else: no option more, none less, none other. The first line of an input
/// says where (a number of a definition and of a text in it), the rest is the text.
/// </summary>
internal sealed partial class NamesTarget : FuzzTarget
{
    private const string Mark = "mArKeR";
    private static readonly LaunchPaths Paths = new("/run/virt/guest", "/run/virt/guest.pid", "/var/log/virt/guest.log");
    private static readonly GuestHost Host = new("/var/lib/virt/nvram", "/var/lib/virt/ram", []);

    private static readonly string[] Texts =
        ["a", "a,b=c", "/x,readonly=on", "../../etc/passwd", "..", "a\nb", "\"},{\"", "-device", "é", "/a/../b", "a\u0000b", "x=y", "a'b", "{}", "\u001b[31m"];

    private readonly Dictionary<(int, int), (IReadOnlyList<string>? Arguments, string Mark)> _plans = [];
    private readonly QemuFolders _folders = new(VirtDirectories.FromRoot("/virt-fuzz"));

    public override string Name => "names";

    public override string Description => "names and paths in files' names and on QEMU's command line";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new PlaceMutator(), new PlaceMutator(), new TextMutator(), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds =>
        Enumerable.Range(0, Definitions.Texts.Count).Select(i => Encoding.UTF8.GetBytes($"{i} {i}\n{Texts[i % Texts.Length]}"));

    public override long AllocationLimit(int length) => (32L << 20) + 4096L * length;

    public override ValueTask<string> RunAsync(byte[] input)
    {
        string[] parts = Encoding.UTF8.GetString(input).Split('\n', 2);
        string[] place = parts[0].Split(' ');
        int document = Number(place[0], Definitions.Texts.Count), at = Number(place.ElementAtOrDefault(1) ?? "", 10_000);
        string text = parts.ElementAtOrDefault(1) ?? "";
        return ValueTask.FromResult($"{File(text)} {Argument(document, at, text)}");
    }

    /// <summary>Files that are named after the text.</summary>
    private string File(string text)
    {
        try
        {
            foreach (string path in (string[])[
                new DefinitionStore(_folders, NullLogger.Instance).PathOf(text), new SavedStateStore(_folders).PathOf(text), _folders.LogOf(text), _folders.NvramOf(text)])
            {
                FuzzViolation.Unless(Path.GetFullPath(path) == path && !Path.GetFileName(path).Contains('\0', StringComparison.Ordinal), "a path that is no plain path");
                FuzzViolation.Unless(
                    Path.GetDirectoryName(path) is { } folder && new[] { _folders.Definitions, _folders.SavedStates, _folders.Log, _folders.Nvram }.Contains(folder),
                    "a name led out of its folder");
            }
        }
        catch (VirtException refused)
        {
            return Outcome.Of(refused);
        }

        try
        {
            string image = ImagePath.Resolve(text, "/images");
            FuzzViolation.Unless(Path.GetFullPath(image) == image, "an image's path that is no plain path");
            FuzzViolation.Unless(text.StartsWith('/') ? image == text : Path.GetDirectoryName(image) == "/images", "an image's name led out of its folder");
            return "file and image";
        }
        catch (VirtException refused)
        {
            return Outcome.Of(refused);
        }
    }

    /// <summary>The text at that place of a definition.</summary>
    private string Argument(int document, int at, string text)
    {
        if (!_plans.TryGetValue((document, at), out (IReadOnlyList<string>? Arguments, string Mark) plan))
        {
            plan = (Plan(document, at, Mark), Mark);
            if (plan.Arguments is null)
                plan = (Plan(document, at, "/" + Mark), "/" + Mark);
            _plans[(document, at)] = plan;
        }

        (IReadOnlyList<string>? marked, string mark) = plan;
        // A kind of device is a word of ours or QEMU's own name for one, with options of its own.
        if (marked is null || !marked.Any(argument => argument.Contains(Mark, StringComparison.Ordinal)) || marked.Any(IsKind))
            return "not there";
        // Nothing at all means that the definition says nothing there.
        IReadOnlyList<string>? actual = string.IsNullOrWhiteSpace(text) ? null : Plan(document, at, text);
        if (actual is null)
            return "refused";
        FuzzViolation.Unless(actual.Count == marked.Count, $"a text changed the number of arguments, where {Where(marked)}");
        for (int i = 0; i < actual.Count; i++)
        {
            if (!Expected(marked, i, mark, text).Select(argument => Chance().Replace(argument, "chance")).Contains(actual[i]))
            {
                throw new FuzzViolation(
                    $"a text became more than itself, where {Where(marked)}: {string.Join(" or ", Expected(marked, i, mark, text)).Replace('"', '`')} is {actual[i].Replace('"', '`')}");
            }
        }

        return $"taken {Where(marked)}";
    }

    private static bool IsKind(string argument) => argument.Contains($"\"driver\":\"{Mark}\"", StringComparison.Ordinal);

    private static string Where(IReadOnlyList<string> marked) =>
        Outcome.Shape(string.Join(' ', marked.SkipWhile((argument, i) => i + 1 >= marked.Count || !marked[i + 1].Contains(Mark, StringComparison.Ordinal)).Take(2)).Replace('"', '`'));

    /// <summary>What an argument may be with the text in place of the mark: in JSON a string, in option strings with doubled commas,
    /// as it is where the option takes nothing else.</summary>
    private static IEnumerable<string> Expected(IReadOnlyList<string> marked, int i, string mark, string text)
    {
        string argument = marked[i];
        if (!argument.Contains(Mark, StringComparison.Ordinal))
            return [argument];
        string option = i > 0 ? marked[i - 1] : "";
        // A feature of the processor that QEMU does not know may be left out.
        if (option == "-cpu")
            return [argument.Replace(mark, text, StringComparison.Ordinal), Feature().Replace(argument, "")];
        // An IPv6 address stands in brackets before a port.
        return ((string[])[text, text.Trim(), $"[{text.Trim()}]"]).Distinct().SelectMany(value => (string[])[
            argument.StartsWith('{')
                ? argument.Replace(mark, JsonText(value), StringComparison.Ordinal)
                : option is "-kernel" or "-initrd" or "-append" or "-dtb" or "-bios" or "-incoming"
                    ? argument.Replace(mark, value, StringComparison.Ordinal)
                    : argument.Replace(mark, value.Replace(",", ",,", StringComparison.Ordinal), StringComparison.Ordinal),
        ]);
    }

    private static string JsonText(string value) =>
        System.Text.Json.JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value;

    /// <summary>The arguments; null when the definition is refused.</summary>
    private static IReadOnlyList<string>? Plan(int document, int at, string text)
    {
        XElement root = XElement.Parse(Definitions.Texts[document]);
        XObject[] places =
        [
            .. root.DescendantsAndSelf().SelectMany(element => (IEnumerable<XObject>)[
                .. element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration), .. element.HasElements || element.IsEmpty ? (XObject[])[] : [element],
            ]),
        ];
        if (places.Length == 0)
            return null;
        // What the user gives to QEMU himself is his.
        XObject place = places[at % places.Length];
        if (place.Parent?.Name.NamespaceName.Contains("qemu", StringComparison.Ordinal) == true)
            return null;
        try
        {
            if (place is XAttribute attribute)
                attribute.Value = text;
            else
                ((XElement)place).Value = text;
            GuestDefinition guest = GuestDefinition.Parse(
                DomainDefinition.Parse(SafeXml.Write(root, indented: false)), EveryQemu.Capabilities, Host);
            return [.. QemuCommandLine.Build(guest, EveryQemu.Capabilities, Paths).Arguments.Select(argument => Chance().Replace(argument, "chance"))];
        }
        catch (Exception refused) when (refused is VirtException or ArgumentException { Source: "System.Private.Xml" } or XmlException)
        {
            return null;
        }
    }

    /// <summary>What differs each time: addresses and identities that are made up, and the clock.</summary>
    [GeneratedRegex(@"52:54:00(:[0-9a-f]{2}){3}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|base=[0-9T:-]+|port=[0-9]{4,5}")]
    private static partial Regex Chance();

    [GeneratedRegex($",{Mark}=o(n|ff)")]
    private static partial Regex Feature();

    private static int Number(string text, int count) => int.TryParse(text, out int number) && number >= 0 ? number % count : 0;

    /// <summary>Goes to another place, with the same text.</summary>
    private sealed class PlaceMutator : IMutator
    {
        public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
        {
            string text = Encoding.UTF8.GetString(input);
            int line = text.IndexOf('\n', StringComparison.Ordinal);
            string rest = random.Next(2) == 0 || line < 0 ? Values.Pick(random) : text[(line + 1)..];
            return Encoding.UTF8.GetBytes($"{random.Next(Definitions.Texts.Count)} {random.Next(500)}\n{rest}");
        }
    }
}
