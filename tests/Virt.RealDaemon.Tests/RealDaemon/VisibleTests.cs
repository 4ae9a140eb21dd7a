using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Terminals;
using Virt.Tests.Daemon.Qemu.Definition;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What virtd says to an administrator's terminal of words that others chose.</summary>
public sealed class VisibleTests
{
    // Sets a title, clears the screen, turns text around, and an 8-bit control.
    private const string Sequences = "\u001b]0;title\u0007\u001b[2J\u202edlrow\u009b31m";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_emulators_last_words_reach_errors_and_the_log_as_visible_text()
    {
        using var folder = new TestFolder();
        SeparateUser.Let(folder.Path);
        string emulator = OtherUser.WriteProgram(folder.File("qemu-system-x86_64"), "exec /usr/bin/qemu-system-x86_64 \"$@\"");
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ "qemu": { "emulators": ["{{emulator}}"] } }""");
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord guest = await host.DefineDomainAsync(StuckGuestTests.Xml("evil", $"<emulator>{emulator}</emulator>"), DefineOptions.None, Cancel);
        string broken = OtherUser.WriteProgram(emulator + ".new", $"printf '%s\\r\\nfaked: line\\n' 'gone {Sequences}' >&2\nexit 3");
        File.Move(broken, emulator, overwrite: true);

        var failed = await Assert.ThrowsAnyAsync<VirtException>(() => host.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel).AsTask());

        Assert.Contains("gone \\u001b]0;title\\u0007\\u001b[2J\\u202edlrow\\u009b31m", failed.Message, StringComparison.Ordinal);
        for (Exception? one = failed; one is not null; one = one.InnerException)
            Visible(one.Message);
        await daemon.StopAsync();
        Visible(daemon.Log);
        Assert.DoesNotContain("\nfaked", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_say_visible_text()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        string folder = Path.Combine(daemon.Root, "pki" + Sequences + "\nfaked");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "a" + Sequences + "\nfakedcert.pem"), "nothing", Cancel);
        foreach (string[] arguments in (string[][])
            [["pki", "show", "--pki", folder], ["pki", "client", "a" + Sequences],
            ["access", "check", "--password", "a" + Sequences], ["access", "check", "a" + Sequences], ["check", "--guest", folder], ["nonsense" + Sequences]])
        {
            (_, string output, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command(["--root", daemon.Root, .. arguments]));
            Assert.Contains("\\u001b", output + error, StringComparison.Ordinal);
            Visible(output);
            Visible(error);
        }
    }

    private static void Visible(string text) =>
        Assert.True(!Enumerable.Range(0, text.Length).Any(i => IsHidden(text, i)), VisibleText.Lines(text));

    // Not by what the product calls visible.
    private static bool IsHidden(string text, int i) => char.IsSurrogate(text[i])
        ? !(char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) : i > 0 && char.IsSurrogatePair(text[i - 1], text[i]))
        : (char.IsControl(text[i]) && text[i] is not ('\n' or '\t')) || text[i] is (>= '\u200e' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
