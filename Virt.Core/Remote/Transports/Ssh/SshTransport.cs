using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Transports.Processes;

namespace Virt.Remote.Transports.Ssh;

/// <summary>
/// The system's OpenSSH client, which runs <c>virtd proxy</c> at the far side. Keys, agents, jumps and known hosts are as the
/// user's ~/.ssh/config has them; the daemon there sees the user who logged in.
/// </summary>
internal sealed class SshTransport : IRemoteTransport
{
    public string Name => "ssh";

    public async ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        string command = SshUri.Parameter(uri, "command") ?? "ssh";
        bool mayAsk = OperatingSystem.IsLinux() && !SshUri.IsSilent(uri) && request.Auth != ConnectAuth.None;
        IReadOnlyList<string> arguments = SshCommandLine.Create(uri, mayAsk, RemoteCommand.Create(request));
        string program = ExecutableFile.Find(command) ?? throw new VirtConnectionException(
            VirtErrorCode.SystemError, $"the ssh client '{command}' was not found", uri.ToString(),
            "Install OpenSSH's client (Debian: openssh-client), or name another one with the URI's parameter command.");

        using Askpass? askpass = mayAsk && OperatingSystem.IsLinux() ? Askpass.Create(request.Auth, cancel) : null;
        ChildProcess child = ChildProcess.Start(program, arguments, askpass?.Variables ?? []);
        ProcessStream stream = new(command, child, ErrorOutput.Read(child.Error, child.HearsOnError ? askpass : null));
        try
        {
            await ConnectAsync(uri, stream, askpass, cancel).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ConnectAsync(ConnectionUri uri, ProcessStream stream, Askpass? askpass, CancellationToken cancel)
    {
        Announcement announcement = new(stream);
        try
        {
            Task connected = announcement.WaitAsync(cancel).AsTask();
            Task first = askpass is null ? connected : await Task.WhenAny(connected, askpass.GivenUp).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        catch (ProcessEndedException e)
        {
            throw SshFault.Explain(uri, e, announcement.Noise);
        }
        catch (InvalidDataException e)
        {
            throw SshFault.Noise(uri, announcement.Noise, e);
        }
        catch (OperationCanceledException e) when (announcement.Noise.Length > 0)
        {
            throw new OperationCanceledException(SshFault.Noise(uri, announcement.Noise, e).Message, e, cancel);
        }
    }
}
