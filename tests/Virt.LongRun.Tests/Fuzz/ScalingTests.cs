using System.Text;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.Fuzz;

/// <summary>Twice the input takes about twice the memory, never four times: what is made of an input has no squares in it.</summary>
public sealed class ScalingTests
{
    public static TheoryData<string> Shapes => [.. Makers.Keys];

    private static Dictionary<string, Func<int, string>> Makers { get; } = new()
    {
        ["many devices"] = n => Domain(Repeat("<rng model='virtio'><backend model='builtin'/></rng>", n)),
        ["many unknown devices"] = n => Domain(Repeat("<flux/>", n)),
        ["many disks"] = n => Domain(string.Concat(Enumerable.Range(0, n).Select(i => $"<disk><source file='/a'/><target dev='x{i}'/></disk>"))),
        ["many attributes"] = n => Domain($"<flux {string.Concat(Enumerable.Range(0, n).Select(i => $"a{i}='' "))}/>"),
        ["text in pieces"] = n => Domain("", "<description>" + Repeat("a<?x?>", n) + "</description>"),
        ["character data in pieces"] = n => Domain("", "<description>" + Repeat("<![CDATA[a]]>", n) + "</description>"),
        ["comments"] = n => Domain("", "<description>" + Repeat("a<!---->", n) + "</description>"),
        ["many namespaces"] = n => Domain("", string.Concat(Enumerable.Range(0, n).Select(i => $"<n{i}:a xmlns:n{i}='urn:{i}'/>"))),
        ["metadata"] = n => Domain("", "<metadata>" + Repeat("<a xmlns='urn:a'/>", n) + "</metadata>"),
        ["boot devices"] = n => Domain("", "<os><type>hvm</type>" + Repeat("<boot dev='hd'/>", n) + "</os>"),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Parsing_is_linear(string shape)
    {
        const int Count = 8000;
        static void Parse(string xml) => DomainDefinition.Parse(DomainDefinition.Parse(xml).ToXml());
        AssertLinear(Makers[shape], Count, Parse);
    }

    [Theory]
    [InlineData("many devices", 500)]
    [InlineData("many unknown devices", 4000)]
    [InlineData("many disks", 500)]
    [InlineData("metadata", 4000)]
    public void Planning_is_linear(string shape, int count) => AssertLinear(Makers[shape], count, xml =>
    {
        try
        {
            GuestDefinition.Parse(DomainDefinition.Parse(xml), FrozenQemu.Capabilities);
        }
        catch (VirtException)
        {
            // That there are too many is told; what it takes to tell is what counts.
        }
    });

    [Theory]
    [InlineData("<vcpu>4294967295</vcpu>")]
    [InlineData("<vcpu>2147483647</vcpu>")]
    [InlineData("<memory unit='EiB'>16</memory>")]
    [InlineData("<iothreads>4294967295</iothreads>")]
    [InlineData("<maxMemory slots='4294967295' unit='TiB'>1</maxMemory>")]
    [InlineData("<cpu><numa><cell id='0' cpus='0-4294967295' memory='1'/></numa></cpu>")]
    [InlineData("<cputune><vcpupin vcpu='0' cpuset='0-2147483647'/></cputune>")]
    public void A_great_number_is_refused_at_once(string element)
    {
        string xml = $"<domain type='qemu'><name>a</name><memory>65536</memory>{element}<os><type machine='q35'>hvm</type></os></domain>";
        if (element.Contains("<memory", StringComparison.Ordinal))
            xml = xml.Replace("<memory>65536</memory>", "", StringComparison.Ordinal);
        static void Define(string text) => GuestDefinition.Parse(DomainDefinition.Parse(text), FrozenQemu.Capabilities);
        Assert.Throws<VirtException>(() => Define(xml));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<VirtException>(() => Define(xml));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static void AssertLinear(Func<int, string> make, int count, Action<string> run)
    {
        string once = make(count), twice = make(2 * count);
        // Tables of names that all tests share grow by themselves: the least of some runs is what it takes.
        run(twice);
        long small = Allocated(() => run(once)), large = Allocated(() => run(twice));
        Assert.True(large < 3 * small + (4 << 20), $"{small} bytes for {count}, {large} for twice as many");
    }

    private static long Allocated(Action run) => Enumerable.Range(0, 3).Min(_ =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static string Domain(string devices, string general = "<os><type machine='q35'>hvm</type></os>") =>
        $"<domain type='qemu'><name>a</name><memory>65536</memory>{(general.Contains("<os>", StringComparison.Ordinal) ? general : general + "<os><type machine='q35'>hvm</type></os>")}<devices>{devices}</devices></domain>";
}
