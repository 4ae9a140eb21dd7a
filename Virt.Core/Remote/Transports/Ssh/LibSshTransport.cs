using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// ssh in this process, without the system's client. What does it stands with its library in an assembly of its own (Virt.Ssh),
/// which is loaded when a URI asks for it. A program that comes without the assembly, as virtd does, says so.
/// </summary>
internal sealed class LibSshTransport(string name) : IRemoteTransport
{
    private static IRemoteTransport? s_loaded;

    public string Name => name;

    public ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel) =>
        (s_loaded ??= Load() ?? throw Missing(request.Uri)).OpenAsync(request, cancel);

    private static IRemoteTransport? Load() =>
        Type.GetType("Virt.Ssh.SshNetTransport, Virt.Ssh") is { } type ? (IRemoteTransport?)Activator.CreateInstance(type) : null;

    private VirtException Missing(ConnectionUri uri) => VirtException.Create(
        VirtErrorCode.NoSupport, $"this program comes without the transport {name}", uri.ToString(),
        $"Write {uri.Driver}+ssh:// in place of {uri.Driver}+{name}://, which takes the same parameters and the system's OpenSSH client; the PowerShell module has {name}.");
}
