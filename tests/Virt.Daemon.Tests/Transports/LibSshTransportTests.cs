using Virt.Connections;
using Virt.Errors;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>The suite over ssh in this process to a real server, and what the far side says.</summary>
public sealed class LibSshTransportTests(SshServer server) : TransportSuite, IClassFixture<SshServer>
{
    private protected override Task<Stream> ConnectAsync(TestDaemon world) => world.ConnectAsync(Uri(world));

    private string Uri(TestDaemon world, int? port = null, string parameters = "", string host = "127.0.0.1") =>
        server.LibSshUri(port, $"&socket={world.UnixSocket}&connect_timeout=200{parameters}", host);

}
