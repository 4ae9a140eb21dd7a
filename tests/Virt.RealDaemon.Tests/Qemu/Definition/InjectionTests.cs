using System.Security;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>Names and paths that look like options stay names and paths.</summary>
public sealed class InjectionTests
{
    public static TheoryData<string> Names =>
    [
        "a,debug-threads=off", "a=b", "a\"b", "a'b", "a\\b", "-S", "a b;rm -rf $HOME `id`", "{\"driver\":\"x\"}", "ünïcødé 🐧", "%s%n", "a,,b",
    ];

    /// <summary>Paths may have what names may not.</summary>
    public static TheoryData<string> Paths =>
    [
        "/x,readonly=on", "/x=y", "/x\",\"driver\":\"null-co", "/x\\", "/x\n-device y", "/x y", "/x{a,b}", "/nbd:localhost:1", "/file:x", "/ünïcødé 🐧", "/$(id)",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_stays_a_name(string name)
    {
        QemuCommandLine line = await BuildAsync(TestQemu.Domain(name: SecurityElement.Escape(name)));
        Assert.Equal($"guest={name.Replace(",", ",,", StringComparison.Ordinal)},debug-threads=on", After(line, "-name"));
        using var folder = new TestFolder();
        using var qemu = new RealQemu(await TestQemu.ParseAsync(TestQemu.Domain()), folder);
        await qemu.TryAsync(
            line with { Arguments = [.. line.Arguments.Select(argument => argument == "/run/g.pid" ? folder.File("pid") : argument)] },
            TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_path_stays_a_path(string path)
    {
        string escaped = SecurityElement.Escape(path).Replace("\n", "&#10;", StringComparison.Ordinal);
        QemuCommandLine line = await BuildAsync(TestQemu.Domain(
            $"""
            <disk type='file'><source file='{escaped}'/><target dev='vda'/></disk>
            <serial type='file'><source path='{escaped}'/><log file='{escaped}'/></serial>
            <channel type='unix'><source path='{escaped}'/><target type='virtio' name='{escaped}'/></channel>
            <graphics type='vnc'><listen type='socket' socket='{escaped}'/></graphics>
            """,
            os: $"<kernel>{escaped}</kernel><initrd>{escaped}</initrd><cmdline>{escaped}</cmdline>"));
        string doubled = path.Replace(",", ",,", StringComparison.Ordinal);
        string trimmed = path.Trim();
        JsonObject storage = JsonNode.Parse(All(line, "-blockdev").First())!.AsObject();
        Assert.Equal(path, (string?)storage["filename"]);
        Assert.Equal("file", (string?)storage["driver"]);
        Assert.Contains($"file,id=charserial0,path={doubled},append=on,logfile={doubled},logappend=on", All(line, "-chardev"));
        Assert.Contains($"socket,id=charchannel0,path={doubled}", All(line, "-chardev"));
        Assert.Contains(All(line, "-device"), device => (string?)JsonNode.Parse(device)!["name"] == path);
        Assert.StartsWith($"unix:{doubled}", After(line, "-vnc"), StringComparison.Ordinal);
        Assert.Equal(trimmed, After(line, "-kernel"));
        Assert.Equal(trimmed, After(line, "-append"));
        Assert.Equal(1, line.Arguments.Count(argument => argument == "-kernel"));
    }

    [Fact]
    public async Task A_disk_whose_path_looks_like_options_is_opened_by_qemu()
    {
        using var folder = new TestFolder();
        foreach (string name in (string[])["a,b=c.raw", "a\"b'.raw", "new\nline.raw", "nbd:host:1.raw"])
        {
            string path = folder.File(name);
            File.WriteAllBytes(path, new byte[1 << 20]);
            QemuCommandLine line = await BuildAsync(
                TestQemu.Domain($"<disk type='file'><source file='{SecurityElement.Escape(path).Replace("\n", "&#10;", StringComparison.Ordinal)}'/><target dev='vda'/></disk>"), folder);
            using var qemu = new RealQemu(await TestQemu.ParseAsync(TestQemu.Domain()), folder);
            await qemu.TryAsync(line, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<QemuCommandLine> BuildAsync(string xml, TestFolder? folder = null)
    {
        GuestDefinition guest = await TestQemu.ParseAsync(xml);
        return QemuCommandLine.Build(guest, await TestQemu.GetAsync(), new LaunchPaths(folder?.Path ?? "/run/g", folder?.File("pid") ?? "/run/g.pid", "/log"));
    }

    private static string After(QemuCommandLine line, string option) => All(line, option).First();

    private static IEnumerable<string> All(QemuCommandLine line, string option) =>
        line.Arguments.Zip(line.Arguments.Skip(1)).Where(pair => pair.First == option).Select(pair => pair.Second);
}
