using System.Globalization;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;
using Virt.Remote;
using Virt.Tests.Daemon.Qemu.Definition;
using Virt.Tests.Daemon.Rpc.Audit;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Attacks by which a client has virtd run a program that the client names, and what a probe of an emulator may.</summary>
public sealed class ProgramChoiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_only_client_runs_no_program_and_learns_of_no_file()
    {
        using var other = new OtherUser();
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string open = OtherUser.MakeSharedFolder(folder.File("open")), mark = Path.Combine(open, "mark");
        string program = OtherUser.WriteProgram(folder.File("program"), $"echo ran > {mark}");
        string closed = folder.File("closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string there = OtherUser.WriteProgram(Path.Combine(closed, "a"), $"echo ran > {mark}"), absent = Path.Combine(closed, "b");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        SeparateUser.Let(daemon.Root);

        foreach (string named in (string[])[program, there, absent, "/bin/true", "/usr/bin/../bin/qemu-system-x86_64", "qemu-system-x86_64"])
        {
            (int exitCode, _, string error) = await other.CallAsync(
                daemon.ReadOnlySocket, RemoteProcedure.GetDomainCapabilities, [new object?[] { named, null, null, null }]);
            Assert.True(exitCode != 0 && error.StartsWith("error", StringComparison.Ordinal), error);
            // The same of each, word for word: it tells neither what is there nor what it is.
            Assert.Equal($"error 67: the emulator '{named}' is not one that virtd may run", error.Trim());
        }

        (int wrong, _, string architecture) = await other.CallAsync(
            daemon.ReadOnlySocket, RemoteProcedure.GetDomainCapabilities, [new object?[] { null, "../../.." + program, null, null }]);
        Assert.NotEqual(0, wrong);
        Assert.Contains("no emulator of guests of architecture", architecture, StringComparison.Ordinal);
        Assert.False(File.Exists(mark));

        (int own, string answer, string fault) = await other.CallAsync(
            daemon.ReadOnlySocket, RemoteProcedure.GetDomainCapabilities, [new object?[] { "/usr/bin/qemu-system-x86_64", null, null, null }]);
        Assert.True(own == 0, fault);
        Assert.Contains("/usr/bin/qemu-system-x86_64", answer, StringComparison.Ordinal);
        Assert.Equal(0, await daemon.StopAsync());
        string line = Assert.Single(
            await File.ReadAllLinesAsync(Path.Combine(daemon.Root, "var/log/virt/audit.log"), Cancel), text => text.Contains("type=VIRT_PROBE", StringComparison.Ordinal));
        Assert.Equal("\"uid 65534\"", AuditFields.Value(line, "id"));
        Assert.Equal("\"/usr/bin/qemu-system-x86_64\"", AuditFields.Value(line, "exe"));
        Assert.Equal("success", AuditFields.Value(line, "res"));
    }

    [Theory]
    [InlineData("<emulator>PROGRAM</emulator>", "", "the emulator 'PROGRAM'")]
    [InlineData("<interface type='ethernet'><script path='PROGRAM'/></interface>", "", "the script 'PROGRAM'")]
    [InlineData("<interface type='ethernet'><downscript path='PROGRAM'/></interface>", "", "the script 'PROGRAM'")]
    [InlineData(
        "<filesystem type='mount'><driver type='virtiofs'/><binary path='PROGRAM'/><source dir='/tmp'/><target dir='tag'/></filesystem>",
        "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>", "the program for shared folders 'PROGRAM'")]
    [InlineData("", "<qemu:commandline><qemu:env name='LD_PRELOAD' value='PROGRAM'/></qemu:commandline>", "'LD_PRELOAD' can name code")]
    [InlineData("", "<qemu:commandline><qemu:arg value='-plugin'/><qemu:arg value='file=PROGRAM'/></qemu:commandline>", "'-plugin' changes what QEMU runs")]
    public async Task A_definition_names_no_program_that_an_administrator_did_not(string devices, string more, string message)
    {
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string open = OtherUser.MakeSharedFolder(folder.File("open")), mark = Path.Combine(open, "mark");
        string program = OtherUser.WriteProgram(folder.File("program"), $"echo ran > {mark}");
        string xml = StuckGuestTests.Xml("named", devices.Replace("PROGRAM", program, StringComparison.Ordinal))
            .Replace("<domain ", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' ", StringComparison.Ordinal)
            .Replace("</domain>", more.Replace("PROGRAM", program, StringComparison.Ordinal) + "</domain>", StringComparison.Ordinal);
        string said = message.Replace("PROGRAM", program, StringComparison.Ordinal);
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;

        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => host.CreateDomainAsync(xml, StartOptions.None, Cancel).AsTask());
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAnyAsync<VirtException>(() => host.GetLaunchCommandAsync(xml, Cancel).AsTask());
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAnyAsync<VirtException>(async () =>
        {
            DomainRecord defined = await host.DefineDomainAsync(xml, DefineOptions.None, Cancel);
            await host.StartDomainAsync(defined.Uuid, StartOptions.None, Cancel);
        });
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task A_variable_of_a_definition_reaches_qemu_and_not_what_gives_up_roots_rights_for_it()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string xml = StuckGuestTests.Xml("told")
            .Replace("<domain ", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' ", StringComparison.Ordinal)
            .Replace("</domain>", "<qemu:commandline><qemu:env name='CHOSEN' value='a b'/></qemu:commandline></domain>", StringComparison.Ordinal);
        DomainRecord domain = await connection.Hypervisor.CreateDomainAsync(xml, StartOptions.Paused, Cancel);
        int process = Assert.Single(GuestProcesses.Below(daemon.Root));
        Assert.Equal("qemu-system-x86_64", GuestProcess.ProgramOf(process));
        Assert.Contains("CHOSEN=a b", (await File.ReadAllTextAsync($"/proc/{process}/environ", Cancel)).Split('\0'));
        await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);

        (IReadOnlyCollection<string> environment, string executable, IReadOnlyCollection<string> arguments) =
            Privileges.Part(["LC_ALL=C", "LD_PRELOAD=/x", "HOME=/h"], "/q", ["-a"]);
        Assert.Equal(["LC_ALL=C", "HOME=/h"], environment);
        Assert.Equal("/usr/bin/env", executable);
        Assert.Equal(["LD_PRELOAD=/x", "/q", "-a"], arguments);
    }

    [Fact]
    public async Task What_an_administrator_lists_is_run_behind_walls_and_nothing_of_it_stays()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can put up all the walls");
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string open = OtherUser.MakeSharedFolder(folder.File("open"));
        string number = Random.Shared.Next(100_000_000, 999_999_999).ToString(CultureInfo.InvariantCulture);
        string program = OtherUser.WriteProgram(folder.File("emulator"), $"""
            cat /proc/self/status > {open}/status
            cat /proc/self/limits > {open}/limits
            cat /proc/self/net/dev > {open}/net
            setsid sleep {number} <&- >&- 2>&- &
            setsid setsid sleep {number} <&- >&- 2>&- &
            echo done > {open}/done
            exit 1
            """);
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ "qemu": { "emulators": ["{{program}}"] } }""");
        await using VirtConnection connection = await daemon.ConnectAsync("qemu:///system", OpenOptions.ReadOnly);
        VirtException failed = await Assert.ThrowsAnyAsync<VirtException>(() =>
            connection.Hypervisor.GetDomainCapabilitiesAsync(new DomainCapabilitiesRequest(program), Cancel).AsTask());
        Assert.Contains("ended while it was asked", failed.Message, StringComparison.Ordinal);

        Assert.True(File.Exists(Path.Combine(open, "done")));
        Dictionary<string, string> status = File.ReadLines(Path.Combine(open, "status")).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        Assert.StartsWith("65534", status["Uid"], StringComparison.Ordinal);
        Assert.Equal("1", status["NoNewPrivs"]);
        Assert.All((string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], set => Assert.Equal(0UL, ulong.Parse(status[set], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        Assert.Matches("Max address space +[0-9]+ ", await File.ReadAllTextAsync(Path.Combine(open, "limits"), Cancel));
        Assert.Matches("Max cpu time +[0-9]+ ", await File.ReadAllTextAsync(Path.Combine(open, "limits"), Cancel));
        string interfaces = string.Join(' ', File.ReadLines(Path.Combine(open, "net")).Skip(2).Select(line => line.Split(':')[0].Trim()));
        Assert.Equal("lo", interfaces);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), process => IsSleeping(process, number));
    }

    [Fact]
    public async Task An_emulator_that_says_endless_things_costs_virtd_little_memory()
    {
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        // One line without an end; many lines without an end; noise that is no answer.
        string line = OtherUser.WriteProgram(folder.File("line"), "exec cat /dev/zero | tr '\\0' '{'");
        string lines = OtherUser.WriteProgram(folder.File("lines"), "exec yes '{\"event\":\"x\"}'");
        string noise = OtherUser.WriteProgram(folder.File("noise"), "exec yes 'no answer'");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ "qemu": { "emulators": ["{{line}}", "{{lines}}", "{{noise}}"] } }""");
        await using VirtConnection connection = await daemon.ConnectAsync("qemu:///system", OpenOptions.ReadOnly);
        foreach (string program in (string[])[line, lines, noise])
        {
            VirtException failed = await Assert.ThrowsAnyAsync<VirtException>(() =>
                connection.Hypervisor.GetDomainCapabilitiesAsync(new DomainCapabilitiesRequest(program), Cancel).AsTask());
            Assert.Contains("does not answer as QEMU does", failed.Message, StringComparison.Ordinal);
        }

        long most = long.Parse(GuestProcess.Status(daemon.ProcessId, "VmHWM").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(most, 1, 400 << 10);
    }

    private static bool IsSleeping(string process, string number)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains("sleep\0" + number, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
