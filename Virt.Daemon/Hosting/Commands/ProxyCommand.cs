using System.CommandLine;
using Virt.Remote.Transports.Ssh;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd proxy</c>: what ssh runs at the far side; standard input and output become a connection to the daemon.</summary>
internal static class ProxyCommand
{
    public static Command Create(Option<string?> root, Option<bool> session)
    {
        var socket = new Option<string?>("--socket") { Description = "The daemon's socket, where it is another than the usual.", HelpName = "PATH" };
        var readOnly = new Option<bool>("--read-only") { Description = "Use the socket that denies all changes." };
        var announce = new Option<bool>("--announce") { Description = "Print a line when the daemon is connected, before anything of it." };
        var proxy = new Command(
            "proxy",
            "Connect standard input and output to the daemon of this host: the system's, or with --session the user's, which is started when none runs.")
        {
            socket, readOnly, announce,
        };
        proxy.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            DaemonSocket target = new(
                result.GetValue(root), result.GetValue(session), result.GetValue(socket), result.GetValue(readOnly));
            Stream daemon = await target.ConnectAsync(cancel).ConfigureAwait(false);
            await using (daemon.ConfigureAwait(false))
            {
                Stream output = Console.OpenStandardOutput();
                if (result.GetValue(announce))
                    await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(RemoteCommand.Connected), cancel).ConfigureAwait(false);
                await new ByteProxy(daemon, Console.OpenStandardInput(), output).RunAsync(cancel).ConfigureAwait(false);
            }

            return 0;
        }));
        return proxy;
    }
}
