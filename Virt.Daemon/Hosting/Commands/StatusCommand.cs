using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Virt.Daemon.Hosting.Check;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Sockets;
using Virt.Terminals;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd status</c>: a running daemon about itself, through the admin program.</summary>
internal static class StatusCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var status = new Command("status", "What the running daemon is and who is connected to it.");
        status.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            RpcClient client = await ConnectAsync(options(result).Directories.Socket, cancel).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
                await PrintAsync(new AdminStub(client), cancel).ConfigureAwait(false);
            foreach (string aside in SetAsideFiles.Find(options(result).Directories))
                await Console.Out.WriteLineAsync($"set aside, could not be used: {VisibleText.Line(aside)}").ConfigureAwait(false);
            return 0;
        }));
        return status;
    }

    private static async Task<RpcClient> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new RpcClient(SocketStreams.Over(socket), new RpcConnectionOptions());
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new VirtException(
                VirtErrorCode.SystemError, $"no virtd answers at {path}: {(File.Exists(path) ? refused.Message : "there is no such socket")}", path, "Start it: systemctl start virtd, or run virtd.", refused);
        }
    }

    private static async Task PrintAsync(AdminStub admin, CancellationToken cancel)
    {
        DaemonRecord daemon = await admin.GetDaemonAsync(cancel).ConfigureAwait(false);
        TextWriter output = Console.Out;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"virtd {VisibleText.Line(daemon.Version)}, process {daemon.ProcessId}, up since {daemon.StartedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}, {daemon.CallsServed} calls, {daemon.Clients} of {daemon.MaximumClients} clients"))
            .ConfigureAwait(false);
        await output.WriteLineAsync($"{"Id",6}  {"Transport",-9}  {"Peer",-28}  {"User",-16}  {"Mode",-4}  {"Calls",5}").ConfigureAwait(false);
        foreach (ClientRecord client in await admin.ListClientsAsync(cancel).ConfigureAwait(false))
        {
            await output.WriteLineAsync(
                $"{client.Id,6}  {VisibleText.Line(client.Transport),-9}  {VisibleText.Line(client.Peer),-28}  {VisibleText.Line(client.User) ?? "-",-16}  {(client.ReadOnly ? "ro" : "rw"),-4}  {client.CallsInFlight,5}")
                .ConfigureAwait(false);
        }
    }
}
