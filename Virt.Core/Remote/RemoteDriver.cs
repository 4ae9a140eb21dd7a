using System.Globalization;
using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Authentication;
using Virt.Remote.Transports;
using Virt.Rpc;

namespace Virt.Remote;

/// <summary>
/// The driver that asks a daemon. It stands last in a driver table and serves what no driver before it does: every URI that names
/// a transport or a host, and every other one through the unix socket of this machine's daemon. A daemon's table is without it.
/// </summary>
public sealed class RemoteDriver : IDriverModule
{
    private const int DefaultTimeout = 10;

    /// <inheritdoc/>
    public string Name => "remote";

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public async ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        RpcConnectionOptions options = Options(request.Uri);
        CheckMode(request.Uri);
        TimeSpan timeout = ConnectTimeout(request.Uri);
        Stream stream = await ConnectAsync(request, timeout, cancel).ConfigureAwait(false);
        return DriverOpening<IDriverConnection>.Opened(
            await OpenAsync(stream, request, options, cancel).ConfigureAwait(false));
    }

    /// <summary>How long connecting may take.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/>.</exception>
    internal static TimeSpan ConnectTimeout(ConnectionUri uri) => TimeSpan.FromSeconds(Number(uri, "connect_timeout", DefaultTimeout, 1));

    /// <summary>Authenticates and opens over a transport that is connected.</summary>
    /// <param name="stream">The transport; it is closed when the opening fails.</param>
    /// <param name="request">What to open.</param>
    /// <param name="options">How the connection behaves.</param>
    /// <param name="cancel">Ends the attempt.</param>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    internal static async ValueTask<RemoteDriverConnection> OpenAsync(
        Stream stream, OpenRequest request, RpcConnectionOptions options, CancellationToken cancel)
    {
        RpcClient client = new(stream, options);
        try
        {
            SessionStub session = new(client);
            await ClientAuthentication.AuthenticateAsync(
                session, request.Uri.User, request.Auth, request.Uri.ToString(), cancel).ConfigureAwait(false);
            client.AcceptLargeFrames();
            SessionOpened opened = await session.OpenAsync(request.Uri.RemoteName(), request.Options, cancel).ConfigureAwait(false);
            return new RemoteDriverConnection(client, opened);
        }
        catch (VirtException) when (stream is IFaultingStream { Fault: { } fault })
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw fault;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private static async ValueTask<Stream> ConnectAsync(OpenRequest request, TimeSpan timeout, CancellationToken cancel)
    {
        IRemoteTransport transport = RemoteTransports.Find(request.Uri);
        using ConnectDeadline deadline = new(timeout, cancel);
        try
        {
            return await transport.OpenAsync(request with { Auth = deadline.Stopping(request.Auth) }, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new VirtConnectionException(
                VirtErrorCode.SystemError,
                FormattableString.Invariant($"no connection to {request.Uri} within {timeout.TotalSeconds:0.###} s"),
                request.Uri.ToString(),
                "Check that the host is up and that no firewall drops the connection; connect_timeout=SECONDS in the URI allows more time.",
                e);
        }
    }

    /// <summary>libvirt's choice between its one old daemon and its many new ones; here one daemon is both.</summary>
    private static void CheckMode(ConnectionUri uri)
    {
        if (uri.Parameters.TryGetValue("mode", out string? mode) && mode is not ("auto" or "direct" or "legacy"))
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"the URI's parameter mode is '{mode}'", uri.ToString(),
                "Use auto, direct or legacy, which all mean the one daemon virtd, or leave mode out.");
        }
    }

    private static RpcConnectionOptions Options(ConnectionUri uri)
    {
        RpcConnectionOptions defaults = new();
        return defaults with
        {
            KeepaliveInterval =
                TimeSpan.FromSeconds(Number(uri, "keepalive_interval", (int)defaults.KeepaliveInterval.TotalSeconds, 0)),
            KeepaliveCount = Number(uri, "keepalive_count", defaults.KeepaliveCount, 1),
        };
    }

    private static int Number(ConnectionUri uri, string name, int fallback, int least)
    {
        const int Most = 24 * 60 * 60;
        if (!uri.Parameters.TryGetValue(name, out string? text))
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= Most)
            return number;
        throw VirtException.Create(
            VirtErrorCode.InvalidArgument, $"the URI's parameter {name} is '{text}', which is not a number from {least} to {Most}",
            uri.ToString(), $"Correct {name} or leave it out; without it, {fallback} counts.");
    }
}
