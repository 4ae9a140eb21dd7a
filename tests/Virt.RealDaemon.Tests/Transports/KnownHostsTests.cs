using System.Security.Cryptography;
using System.Text;
using Virt.Ssh.HostKeys;

namespace Virt.Tests.Daemon.Transports;

/// <summary>known_hosts files as sshd(8) has them.</summary>
public sealed class KnownHostsTests : IDisposable
{
    private static readonly byte[] Key = KeyOf("ssh-ed25519", 1);
    private static readonly byte[] Other = KeyOf("ssh-ed25519", 2);
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-hosts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("h", "h", 22, true)]
    [InlineData("h", "H", 22, true)]
    [InlineData("h", "h", 2222, false)]
    [InlineData("[h]:2222", "h", 2222, true)]
    [InlineData("[h]:2222", "h", 22, false)]
    [InlineData("a,h,b", "h", 22, true)]
    [InlineData("*", "h", 22, true)]
    [InlineData("*.example", "kvm1.example", 22, true)]
    [InlineData("*.example", "kvm1.example.org", 22, false)]
    [InlineData("kvm?.example", "kvm1.example", 22, true)]
    [InlineData("kvm?.example", "kvm10.example", 22, false)]
    [InlineData("k*1*e", "kvm1.example", 22, true)]
    [InlineData("*.example,!kvm1.example", "kvm1.example", 22, false)]
    [InlineData("!kvm1.example,*.example", "kvm1.example", 22, false)]
    [InlineData("!kvm1.example", "kvm2.example", 22, false)]
    [InlineData("[*]:2222", "fe80::1", 2222, true)]
    [InlineData("", "h", 22, false)]
    public void Names_are_patterns(string names, string host, int port, bool matches) =>
        Assert.Equal(matches, HostPattern.Matches(names, HostPattern.NameOf(host, port)));

    [Fact]
    public void Names_may_be_hashed()
    {
        byte[] salt = RandomNumberGenerator.GetBytes(20);
#pragma warning disable CA5350 // The format of the file.
        string hash = Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.ASCII.GetBytes("[h]:2222")));
#pragma warning restore CA5350
        string names = $"|1|{Convert.ToBase64String(salt)}|{hash}";
        Assert.True(HostPattern.Matches(names, HostPattern.NameOf("h", 2222)));
        Assert.False(HostPattern.Matches(names, HostPattern.NameOf("h", 22)));
        foreach (string broken in (string[])["|1|", "|1||", "|1|x|y", names[..^3], "|2" + names[2..], names + "|"])
            Assert.False(HostPattern.Matches(broken, HostPattern.NameOf("h", 2222)));
    }

    [Fact]
    public void A_key_is_known_unknown_changed_or_revoked()
    {
        Assert.Equal(HostKeyStatus.Unknown, Judge("", Key));
        Assert.Equal(HostKeyStatus.Known, Judge(Line("h", Key), Key));
        Assert.Equal(HostKeyStatus.Changed, Judge(Line("h", Other), Key));
        Assert.Equal(HostKeyStatus.Known, Judge(Line("h", Other) + Line("h", Key), Key));
        Assert.Equal(HostKeyStatus.Unknown, Judge(Line("other", Key), Key));
        Assert.Equal(HostKeyStatus.Revoked, Judge(Line("h", Key) + Line("@revoked h", Key), Key));
        Assert.Equal(HostKeyStatus.Unknown, Judge(Line("@revoked h", Other), Key));
        Assert.Equal(HostKeyStatus.Changed, Judge(Line("h", KeyOf("ssh-rsa", 1)), Key));
    }

    [Fact]
    public void A_key_that_is_known_without_the_port_counts_for_and_not_against_the_host()
    {
        Assert.Equal(HostKeyStatus.Known, Judge(Line("h", Key), Key, 2222));
        Assert.Equal(HostKeyStatus.Unknown, Judge(Line("h", Other), Key, 2222));
        Assert.Equal(HostKeyStatus.Revoked, Judge(Line("@revoked h", Key), Key, 2222));
    }

    [Fact]
    public void An_authority_and_what_is_no_line_say_nothing()
    {
        string key = Convert.ToBase64String(Key);
        string text = Line("@cert-authority h", Key) + Line("@future h", Key) + $"""
            # h ssh-ed25519 {key}

            h
            h ssh-ed25519
            h ssh-ed25519 !{key}
            h ssh-rsa {key}
            h ssh-ed25519 AAAA
            @revoked
            """;
        Assert.Equal(HostKeyStatus.Unknown, Judge(text, Key));
    }

    [Fact]
    public void All_files_count_and_one_that_is_missing_does_not()
    {
        string first = Write("first", Line("h", Other)), second = Write("second", $"\t h\tssh-ed25519  {Convert.ToBase64String(Key)} comment\r\n");
        KnownHosts known = KnownHosts.Read([Path.Combine(_folder, "none"), first, second], "h", 22);
        HostKeyVerdict verdict = known.Judge(Key);
        Assert.Equal((HostKeyStatus.Known, second, 1), (verdict.Status, verdict.Line!.File, verdict.Line.Number));
        Assert.Equal(["ssh-ed25519"], known.Types);
    }

    [Fact]
    public void A_key_is_added_on_a_line_of_its_own()
    {
        string file = Write("known", "h ssh-ed25519 unfinished");
        KnownHostsFiles.Add(file, "h", Key);
        KnownHostsFiles.Add(file, "h", Other);
        Assert.Equal($"h ssh-ed25519 unfinished\n{Line("h", Key)}{Line("h", Other)}", File.ReadAllText(file));
    }

    private static byte[] KeyOf(string type, byte content) => [0, 0, 0, (byte)type.Length, .. Encoding.ASCII.GetBytes(type), 0, 0, 0, 1, content];

    private static string Line(string names, byte[] key) => $"{names} {KnownHostsLine.TypeOf(key)} {Convert.ToBase64String(key)}\n";

    private HostKeyStatus Judge(string text, byte[] key, int port = 22) => KnownHosts.Read([Write("known_hosts", text)], "h", port).Judge(key).Status;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
