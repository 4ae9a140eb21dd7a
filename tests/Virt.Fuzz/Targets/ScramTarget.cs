using System.Text;
using Virt.Daemon.Rpc.Authentication;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;
using Virt.Remote.Authentication;

namespace Virt.Fuzz.Targets;

/// <summary>
/// Messages of SCRAM. The first byte says whether they go to the daemon, as first and last message of a client that knows no
/// password, or to a client, as challenge and proof of a daemon that knows none. Lines follow, a message each. <c>{n}</c> stands for
/// the nonce so far. Nobody ever succeeds.
/// </summary>
internal sealed class ScramTarget : FuzzTarget
{
    private const string Nonce = "fyko+d2lbbFgONRv9qkxdawL";

    private readonly string _folder = Directory.CreateTempSubdirectory("virt-fuzz-").FullName;
    private ScramUsers? _users;

    public override string Name => "scram";

    public override string Description => "messages of SCRAM-SHA-256, to daemon and client";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new TextMutator(), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds =>
        ((string[])[
            "d\nn,,n=user,r=" + Nonce + "\nc=biws,r={n},p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "d\ny,,n=us=2Cer,r=abc\nc=eSws,r={n},x=y,p=AAAA",
            "d\nn,a=other,n=user,r=abc\nc=biws,r={n},p=",
            "d\np=tls-unique,,n=user,r=abc\n",
            "c\nr={n}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096\nv=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "c\nr={n}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647\ne=other-error",
            "c\nr=other,s=,i=0\nv=",
        ]).Select(Encoding.UTF8.GetBytes);

    public override async ValueTask PrepareAsync()
    {
        string path = Path.Combine(_folder, "users");
        byte[] key = new byte[ScramKeys.Size];
        Array.Fill(key, (byte)7);
        string keys = Convert.ToBase64String(key);
        await File.WriteAllTextAsync(path, $"4096\tW22ZaJ0SNY7soEsUEjb6gQ==\t{keys}\t{keys}\tuser\n");
        _users = new ScramUsers(path);
    }

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        string[] lines = Encoding.UTF8.GetString(input).Split('\n', 3);
        (string first, string last) = (lines.ElementAtOrDefault(1) ?? "", lines.ElementAtOrDefault(2) ?? "");
        return lines[0].StartsWith('c') ? Client(first, last) : await ServerAsync(first, last);
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<string> ServerAsync(string first, string last)
    {
        var server = new ScramServer(_users!, "server");
        try
        {
            string challenge = Encoding.UTF8.GetString(await server.ChallengeAsync(Encoding.UTF8.GetBytes(first), CancellationToken.None));
            string nonce = challenge[2..challenge.IndexOf(',', StringComparison.Ordinal)];
            server.Finish(Encoding.UTF8.GetBytes(last.Replace("{n}", nonce, StringComparison.Ordinal)));
            throw new FuzzViolation("a client without the password was let in");
        }
        catch (ScramException refused)
        {
            return $"daemon: {Outcome.Shape(refused.Message)}";
        }
    }

    private static string Client(string first, string last)
    {
        var client = new ScramClient("user", "pencil", Nonce);
        // A challenge may ask for so many iterations that a run takes seconds; that limit is tried elsewhere.
        if (Iterations(first) > 5000)
            return "client: not tried";
        try
        {
            client.Prove(Encoding.UTF8.GetBytes(first.Replace("{n}", Nonce, StringComparison.Ordinal)));
            client.Verify(Encoding.UTF8.GetBytes(last));
            throw new FuzzViolation("a daemon without the password was believed");
        }
        catch (VirtException refused)
        {
            return $"client: {Outcome.Of(refused)}";
        }
    }

    private static int Iterations(string challenge)
    {
        int at = challenge.IndexOf(",i=", StringComparison.Ordinal);
        return at >= 0 && int.TryParse(challenge.AsSpan(at + 3).TrimEnd("\0"), out int count) && count <= ScramKeys.MaximumIterations ? count : 0;
    }
}
