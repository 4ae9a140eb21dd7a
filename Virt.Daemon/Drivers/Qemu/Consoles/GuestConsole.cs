using System.Net.Sockets;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Daemon.Drivers.Qemu.Consoles;

/// <summary>Opens the consoles of running guests at the host's end: the pseudo terminal that QEMU made, or the socket it listens on.</summary>
internal static class GuestConsole
{
    /// <summary>Opens a console.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="device">The device's alias; null for the first.</param>
    /// <param name="options">How.</param>
    /// <param name="cancel">Ends the opening.</param>
    public static async ValueTask<VirtStream> OpenAsync(
        DomainSupervisor domain, string? device, ConsoleOptions options, CancellationToken cancel)
    {
        GuestRun run = domain.RequireRun();
        ConsolePort port = ConsolePort.Find(domain.Name, run.ParseLive().Root.Element("devices"), device);
        VirtStream console = await run.Consoles.OpenAsync(
            domain.Name, port.Alias, (options & ConsoleOptions.Force) != 0, token => ConnectAsync(domain, port, token), cancel)
            .ConfigureAwait(false);
        if (!run.Ended.IsCompleted)
            return console;

        // What its terminal was called may be another guest's by now.
        await console.DisposeAsync().ConfigureAwait(false);
        throw domain.Invalid("is not running", "Start it first.");
    }

    private static async ValueTask<VirtStream> ConnectAsync(DomainSupervisor domain, ConsolePort port, CancellationToken cancel)
    {
        if (port.Path is not { } path)
            throw domain.Invalid($"has no way to '{port.Alias}' yet", "Wait until its start is done.");
        if (port.Type == "pty")
            return new SocketStream(PseudoTerminal.Open(path), $"the console '{port.Alias}' of domain '{domain.Name}'");

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new SocketStream(socket, $"the console '{port.Alias}' of domain '{domain.Name}'");
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new VirtException(
                VirtErrorCode.SystemError, $"the console '{port.Alias}' of domain '{domain.Name}' cannot be reached at '{path}': {e.Message}",
                port.Alias, "Check that nothing else is connected to that socket.", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
