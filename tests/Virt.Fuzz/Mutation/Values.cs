namespace Virt.Fuzz.Mutation;

/// <summary>Texts that mean something somewhere: to parsers, paths, option strings, terminals, numbers.</summary>
internal static class Values
{
    /// <summary>The texts.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", " ", "0", "1", "-1", "2", "255", "256", "4096", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "0x10",
        "1e9", "1.5", "NaN", "٣", "+1", "00000000000000000000000000001",
        ".", "..", "/", "//", "../../etc/passwd", "/../../x", "/dev/null", "/proc/self/mem", "C:\\x", "\\\\server\\share", "a/b", "~", "-",
        "--", "-S", "-device", "a,b", "a,,b", ",", "a=b", "a,readonly=on", "a\nb", "a\r\nb", "\t", "'", "\"", "`id`", "$(id)", "%s%n", "%00",
        "{\"driver\":\"null-co\"}", "[1]", "<x/>", "&amp;", "]]>", "\u001b[31mred\u001b[0m", "\u202etxt", "ünïcødé 🐧", "\ufeff", "\u0085",
        "\u2028", "e\u0301", "ﬁ", "yes", "no", "on", "off", "auto", "none", "default", "true", "false", "null",
        "6695eb01-f6a4-8304-79aa-97f2502e193f", "00000000-0000-0000-0000-000000000000", "test", "default", "web1", "vda", "52:54:00:00:00:01",
        "0000:00:00.0", "0x0000", "ffff:ff:1f.7", "127.0.0.1", "::1", "fe80::1%lo", "qemu:///system", "test:///default", "virtio", "file", "q35",
        new string('a', 201), new string('/', 300), new string('x', 5000),
    ];

    /// <summary>One of them, or two together, or a few random letters.</summary>
    public static string Pick(Random random) => random.Next(8) switch
    {
        0 => Texts[random.Next(Texts.Count)] + Texts[random.Next(Texts.Count)],
        1 => Letters(random),
        _ => Texts[random.Next(Texts.Count)],
    };

    private static string Letters(Random random)
    {
        var letters = new char[random.Next(1, 12)];
        for (int i = 0; i < letters.Length; i++)
            letters[i] = (char)(random.Next(4) == 0 ? random.Next(0x20, 0xd7ff) : random.Next(0x20, 0x7f));
        return new string(letters);
    }
}
