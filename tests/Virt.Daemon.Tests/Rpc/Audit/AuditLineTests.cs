using System.Text.RegularExpressions;
using Virt.Daemon.Rpc.Audit;

namespace Virt.Tests.Daemon.Rpc.Audit;

/// <summary>No value can end its line or pass for another field.</summary>
public sealed class AuditLineTests
{
    [Theory]
    [InlineData("web1", "\"web1\"")]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("Grüße-日本", "\"Grüße-日本\"")]
    [InlineData("a\" res=success x=\"", "\"a\\\" res=success x=\\\"\"")]
    [InlineData("a\\", "\"a\\\\\"")]
    [InlineData("a\ntype=VIRT_CALL", "\"a\\u000atype=VIRT_CALL\"")]
    [InlineData("a\r\t\0\u001b[31m\u007f\u0085", "\"a\\u000d\\u0009\\u0000\\u001b[31m\\u007f\\u0085\"")]
    [InlineData("a\u2028\u2029\u202e\u200b\u00a0\ufeff", "\"a\\u2028\\u2029\\u202e\\u200b\\u00a0\\ufeff\"")]
    public void A_text_is_quoted(string text, string quoted) =>
        Assert.EndsWith($": name={quoted}", Line(text), StringComparison.Ordinal);

    [Fact]
    public void Half_a_surrogate_pair_is_escaped() =>
        Assert.EndsWith(": name=\"a\\ud800b\"", Line("a\ud800b"), StringComparison.Ordinal);

    [Fact]
    public void A_long_text_is_cut_and_says_by_how_much()
    {
        string line = Line(new string('x', AuditLine.LongestText + 1_000_000));
        Assert.EndsWith("xxx\\+1000000\"", line, StringComparison.Ordinal);
        Assert.True(line.Length < AuditLine.LongestText + 100);
    }

    [Fact]
    public void Whatever_a_name_holds_the_line_has_the_same_fields()
    {
        var random = new Random(4711);
        for (int i = 0; i < 2000; i++)
        {
            string name = new([.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(4) == 0 ? "\"\\\n= \r\u2028"[random.Next(7)] : (char)random.Next(0x10000))]);
            string line = new AuditLine("VIRT_CALL", DateTimeOffset.UnixEpoch, 1).AddText("name", name).Add("res", "denied").ToString();
            Assert.Equal(["type", "msg", "name", "res"], AuditFields.Of(line).Select(field => field.Key));
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
        }
    }

    [Fact]
    public void It_begins_as_auditd_writes_them() => Assert.Matches(
        new Regex("^type=VIRT_CALL msg=audit\\(1700000000\\.007:42\\): op=X$"),
        new AuditLine("VIRT_CALL", DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_007), 42).Add("op", "X").Add("left", null).ToString());

    private static string Line(string text) => new AuditLine("VIRT_CALL", DateTimeOffset.UnixEpoch, 1).AddText("name", text).ToString();
}
