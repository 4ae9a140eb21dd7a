using System.Text;
using Virt.Connections;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;
using Virt.Remote.Transports;

namespace Virt.Fuzz.Targets;

/// <summary>Connection URIs: parsed and written they are what they were, and lead through the resolver to what they say.</summary>
internal sealed class UriTarget : FuzzTarget
{
    private static readonly ClientConfig Config = new("qemu:///system", new Dictionary<string, string> { ["lab"] = "qemu+tcp://lab/system" });

    public override string Name => "uri";

    public override string Description => "connection URIs";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new TextMutator(), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds =>
        ((string[])[
            "qemu:///system", "qemu:///session", "test:///default", "test:///default?domains=10", "qemu+tcp://host/system", "qemu+unix:///system?socket=/run/x.sock",
            "qemu+tcp://user@host.example.org:16509/system", "qemu+tcp://[::1]:1/system", "qemu+tcp://[fe80::1%25eth0]/system", "qemu+ssh://root@host/system?keyfile=/k&no_tty=1",
            "qemu+tls://host/system?no_verify=1&pkipath=/tmp/pki", "qemu+ext:///system?command=/usr/bin/x", "qemu://host/system?name=qemu%3A%2F%2F%2Fsession",
            "test:///a%20b/%2e%2e/c", "lab", "", "xen://?a;b=c&&", "qemu+tcp://h/?x=%41%ZZ", "qemu+tcp://%68ost/",
        ]).Select(Encoding.UTF8.GetBytes);

    public override ValueTask<string> RunAsync(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        try
        {
            ConnectionUri uri = UriResolver.Resolve(text, null, () => Config, () => "qemu:///system");
            if (text.Contains("://", StringComparison.Ordinal))
                Check(uri);
            string transport = uri.IsRemote ? RemoteTransports.Find(uri).GetType().Name : "local";
            return ValueTask.FromResult($"{uri.Transport} {transport} {uri.User is not null} {uri.Host is not null} {uri.Port is not null} {Math.Min(uri.Parameters.Count, 3)}");
        }
        catch (VirtException refused)
        {
            return ValueTask.FromResult(Outcome.Of(refused));
        }
    }

    private static void Check(ConnectionUri uri)
    {
        ConnectionUri again = ConnectionUri.Parse(uri.ToString());
        FuzzViolation.Unless(
            (again.Driver, again.Transport, again.User, again.Host, again.Port, again.Path) == (uri.Driver, uri.Transport, uri.User, uri.Host, uri.Port, uri.Path),
            "written and parsed again it is another");
        FuzzViolation.Unless(
            again.Parameters.Count == uri.Parameters.Count && again.Parameters.All(parameter => uri.Parameters[parameter.Key] == parameter.Value),
            "written and parsed again it has other parameters");
        if (uri.Parameters.ContainsKey("name"))
            return;
        ConnectionUri remote = ConnectionUri.Parse(uri.RemoteName());
        FuzzViolation.Unless(!remote.IsRemote && remote.Driver == uri.Driver && remote.Path == uri.Path, "the far side opens another");
    }
}
