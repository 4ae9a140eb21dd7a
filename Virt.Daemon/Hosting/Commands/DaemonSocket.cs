using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Transports;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>Which daemon of this host a command means.</summary>
/// <param name="Root">The folder that stands for /; null for the real places.</param>
/// <param name="Session">Whether it is this user's.</param>
/// <param name="Path">Its socket; null for the usual one.</param>
/// <param name="ReadOnly">Whether the socket that denies all changes will do.</param>
internal sealed record DaemonSocket(string? Root, bool Session, string? Path, bool ReadOnly)
{
    /// <summary>Connects; a session daemon is started when none runs.</summary>
    /// <exception cref="VirtException">What is wrong with the socket and what to do.</exception>
    public ValueTask<Stream> ConnectAsync(CancellationToken cancel)
    {
        string? path = Path ?? (Root is null ? null : Below(VirtDirectories.FromRoot(Root)));
        string uri = $"qemu+unix:///{(Session ? "session" : "system")}{(path is null ? "" : $"?socket={Uri.EscapeDataString(path)}")}";
        OpenRequest request = new(ConnectionUri.Parse(uri), ReadOnly ? OpenOptions.ReadOnly : OpenOptions.None, ConnectAuth.None);
        return new UnixTransport(new SessionDaemon(ThisProgram())).OpenAsync(request, cancel);
    }

    private string Below(VirtDirectories directories) => ReadOnly ? directories.ReadOnlySocket : directories.Socket;

    /// <summary>The virtd that runs is the one to start; a build that dotnet runs has to look for one.</summary>
    private static string? ThisProgram() =>
        Environment.ProcessPath is { } path && System.IO.Path.GetFileNameWithoutExtension(path) == "virtd" ? path : null;
}
