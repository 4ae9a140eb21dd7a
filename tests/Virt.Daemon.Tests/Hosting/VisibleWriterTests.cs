using Virt.Daemon.Hosting;
using Virt.Daemon.Hosting.Check;
using Virt.Terminals;

namespace Virt.Tests.Daemon.Hosting;

/// <summary>What virtd writes to its terminal or its journal.</summary>
public sealed class VisibleWriterTests
{
    private const string Evil = "a\u001b[2J\u202e\u009b\r\nb\t";
    private const string Visible = "a\\u001b[2J\\u202e\\u009b\nb\t";

    [Fact]
    public async Task Each_way_to_write_makes_text_visible()
    {
        await EachAsync(writer => Now(() => writer.Write(Evil)));
        await EachAsync(writer => Now(() => writer.Write("{0}", Evil)));
        await EachAsync(writer => Now(() => writer.Write(Evil.AsSpan())));
        await EachAsync(writer => Now(() => writer.Write(Evil.ToCharArray())));
        await EachAsync(writer => Now(() => writer.Write((object)Evil)));
        await EachAsync(writer => writer.WriteAsync(Evil));
        await EachAsync(writer => writer.WriteAsync(Evil.AsMemory()));
        await EachAsync(writer => Now(() => writer.WriteLine(Evil)), "\n");
        await EachAsync(writer => Now(() => writer.WriteLine("{0}", Evil)), "\n");
        await EachAsync(writer => writer.WriteLineAsync(Evil), "\n");
        await EachAsync(writer => writer.WriteLineAsync(Evil.AsMemory()), "\n");

        static Task Now(Action write)
        {
            write();
            return Task.CompletedTask;
        }

        static async Task EachAsync(Func<TextWriter, Task> write, string end = "")
        {
            using var inner = new StringWriter { NewLine = "\n" };
            await using (var writer = new VisibleWriter(inner) { NewLine = "\n" })
                await write(writer);
            Assert.Equal(Visible + end, inner.ToString());
        }
    }

    [Fact]
    public void Characters_one_by_one_make_no_sequence()
    {
        using var inner = new StringWriter();
        using (var writer = new VisibleWriter(inner))
        {
            foreach (char c in "é🐧\u001b[m\u0085")
                writer.Write(c);
        }

        Assert.Equal("é🐧\\u001b[m\\u0085", inner.ToString());
    }

    [Fact]
    public void No_line_of_a_finding_passes_for_another()
    {
        using var output = new StringWriter { NewLine = "\n" };
        CheckItem.Fail("na\nme", "said:\n  PASS  KVM           usable\u001b[1A", "do\nthis").Print(output);
        string[] lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal("  FAIL  na\\u000ame    said:", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.StartsWith(new string(' ', 22), line, StringComparison.Ordinal));
        Assert.Same(lines[1], VisibleText.Line(lines[1]));
    }
}
