using System.Net.Sockets;
using Virt.Daemon.Drivers.Qemu.Ownership;
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
            domain.Name, port.Alias, (options & ConsoleOptions.Force) != 0, token => ConnectAsync(domain, run, port, token), cancel)
            .ConfigureAwait(false);
        if (!run.Ended.IsCompleted)
            return console;

        // What its terminal was called may be another guest's by now.
        await console.DisposeAsync().ConfigureAwait(false);
        throw domain.Invalid("is not running", "Start it first.");
    }

    private static async ValueTask<VirtStream> ConnectAsync(DomainSupervisor domain, GuestRun run, ConsolePort port, CancellationToken cancel)
    {
        if (port.Path is not { } path)
            throw domain.Invalid($"has no way to '{port.Alias}' yet", "Wait until its start is done.");
        uint? user = domain.Services.Users.OfRun(run.Folder)?.User;
        string name = $"the console '{port.Alias}' of domain '{domain.Name}'";
        try
        {
            return new SocketStream(
                port.Type == "pty"
                    ? PseudoTerminal.Open(path, user, run.Process?.Pid ?? 0)
                    : await HostSocket.ConnectAsync(path, user, IsOf(domain, run), cancel).ConfigureAwait(false),
                name);
        }
        catch (UnsuitableFileException other)
        {
            throw new VirtException(
                VirtErrorCode.OperationDenied, $"{name} is not opened: {other.Message}", port.Alias,
                "Somebody has put something else in the place of the console: look there, and start the domain again.", other);
        }
        catch (Exception refused) when (refused is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"{name} cannot be reached at '{path}': {refused.Message}", port.Alias,
                "Check that nothing else is connected to that socket.", refused);
        }
    }

    // The daemon's own sockets, and those of other guests, are nobody's console.
    private static Predicate<string> IsOf(DomainSupervisor domain, GuestRun run)
    {
        using HostPath? daemon = HostPath.Find(domain.Services.Folders.DaemonRun);
        using HostPath? own = HostPath.Find(run.Folder);
        (string daemonFolder, string ownFolder) = ($"{daemon?.RealPath}/", $"{own?.RealPath}/");
        return path => !path.StartsWith(daemonFolder, StringComparison.Ordinal) || path.StartsWith(ownFolder, StringComparison.Ordinal);
    }
}
