using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>What holds of every definition in the corpus.</summary>
public sealed class CorpusTests
{
    private const string Validator = "/usr/bin/virt-xml-validate";

    public static TheoryData<string> All => [.. Corpus.Names];

    public static TheoryData<string> Emulated => [.. Corpus.Names.Where(name => !name.StartsWith("kvm-", StringComparison.Ordinal))];

    [Fact]
    public void The_corpus_is_there() => Assert.True(Corpus.Names.Count() >= 40);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Export_read_again_is_the_same(string name)
    {
        GuestDefinition first = await TestQemu.ParseAsync(Corpus.Read(name));
        string export = first.ToXml(live: false, secure: true);
        GuestDefinition second = await TestQemu.ParseAsync(export);
        Assert.Equal(export, second.ToXml(live: false, secure: true));
        Assert.Equal(first.Devices.Select(device => device.Alias), second.Devices.Select(device => device.Alias));
        Assert.Equal(first.Devices.Select(device => device.PciAddress), second.Devices.Select(device => device.PciAddress));

        QemuCapabilities kvm = await TestQemu.GetWithKvmAsync();
        GuestDefinition fromLive = await TestQemu.ParseAsync(first.ToXml(live: true, secure: true));
        Assert.Equal(export, fromLive.ToXml(live: false, secure: true));
        var paths = new LaunchPaths("/run/guest", "/run/guest/pid", "/log");
        if (!name.Contains("-variable", StringComparison.Ordinal))
            Assert.Equal(QemuCommandLine.Build(first, kvm, paths).Arguments, QemuCommandLine.Build(second, kvm, paths).Arguments);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_of_the_definition_is_lost(string name)
    {
        XElement given = XElement.Parse(Corpus.Read(name));
        XElement kept = XElement.Parse((await TestQemu.ParseAsync(Corpus.Read(name))).ToXml(live: false, secure: true));
        foreach (XElement element in given.DescendantsAndSelf().Where(element => !element.HasElements))
        {
            Assert.Contains(kept.DescendantsAndSelf(element.Name), candidate =>
                element.Attributes().All(attribute => attribute.IsNamespaceDeclaration || candidate.Attribute(attribute.Name) is not null));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Export_is_valid_to_libvirts_schema(string name)
    {
        Assert.SkipUnless(File.Exists(Validator), "virt-xml-validate (Debian: libvirt-clients) is not installed: the schema is NOT checked");
        GuestDefinition guest = await TestQemu.ParseAsync(Corpus.Read(name));
        using var folder = new TestFolder();
        foreach (bool live in (bool[])[false, true])
        {
            File.WriteAllText(folder.File("domain.xml"), guest.ToXml(live, secure: true));
            var start = new ProcessStartInfo(Validator, [folder.File("domain.xml"), "domain"]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors + File.ReadAllText(folder.File("domain.xml")));
        }
    }

    [Theory]
    [MemberData(nameof(Emulated))]
    public async Task Qemu_accepts_the_command_line(string name)
    {
        using var folder = new TestFolder();
        QemuCapabilities capabilities = await TestQemu.GetAsync();
        GuestDefinition guest = await TestQemu.ParseAsync(Corpus.Materialise(name, folder), folder);
        QemuCommandLine line = QemuCommandLine.Build(guest, capabilities, new LaunchPaths(folder.Path, folder.File("pid"), folder.File("log")));
        try
        {
            using var qemu = new RealQemu(guest, folder);
            await qemu.TryAsync(line, TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (XElement memory in guest.General.Root.Descendants("shmem"))
                File.Delete($"/dev/shm/{(string)memory.Attribute("name")!}");
        }

        foreach (CharacterBackend backend in guest.Devices.OfType<ICharacterDevice>().Select(device => device.Backend).OfType<CharacterBackend>().Where(backend => backend.Type == "pty"))
            Assert.StartsWith("/dev/pts/", backend.LivePath ?? "none", StringComparison.Ordinal);
        foreach (GraphicsDevice graphics in guest.Devices.OfType<GraphicsDevice>())
            Assert.Equal((string?)graphics.Element.Element("listen")?.Attribute("type") == "address", graphics.LivePort is >= 5900);
        CheckAdopted(guest, capabilities);
    }

    /// <summary>What a restarted daemon reads back from the live XML is what the first knew.</summary>
    private static void CheckAdopted(GuestDefinition guest, QemuCapabilities capabilities)
    {
        string live = guest.ToXml(live: true, secure: true);
        GuestDefinition adopted = GuestDefinition.ParseLive(DomainDefinition.Parse(live), capabilities);
        Assert.Equal(live, adopted.ToXml(live: true, secure: true));
    }
}
