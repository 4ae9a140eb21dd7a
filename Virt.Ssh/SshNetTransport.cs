using Renci.SshNet;
using Renci.SshNet.Common;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Transports;
using Virt.Remote.Transports.Processes;
using Virt.Remote.Transports.Ssh;
using Virt.Ssh.Channels;
using Virt.Ssh.HostKeys;
using Virt.Ssh.Login;

namespace Virt.Ssh;

/// <summary>
/// The transports libssh and libssh2: ssh in this process, by SSH.NET. The far side runs what it runs for the transport ssh. The
/// user's ~/.ssh/config is not read.
/// </summary>
internal sealed class SshNetTransport : IRemoteTransport
{
    private const int DefaultPort = 22;
    private static readonly IReadOnlyList<SshMethod> DefaultMethods =
        [SshMethod.Agent, SshMethod.PrivateKey, SshMethod.KeyboardInteractive, SshMethod.Password];

    /// <summary>How long SSH.NET goes on by itself with an attempt that the caller has given up, at most.</summary>
    private static readonly TimeSpan Overtime = TimeSpan.FromSeconds(5);

    public string Name => "libssh";

    public async ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        string host = SshUri.Host(uri);
        if (SshUri.Parameter(uri, "command") is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"the transport {uri.Transport} runs no program, so the parameter command means nothing", uri.ToString(),
                $"Leave it out, or write {uri.Driver}+ssh:// for the ssh client that it names.");
        }

        string command = RemoteCommand.Create(request);
        HostKeyCheck check = HostKeyCheck.For(uri, host, uri.Port ?? DefaultPort);
        Answers answers = new(request.Auth, request.Auth != ConnectAuth.None && !SshUri.IsSilent(uri), cancel);
        SshNetFault fault = new(uri, check);
        SessionOwner? connection = await TryConnectAsync(uri, host, check, answers, fault).ConfigureAwait(false);
        if (connection is null)
        {
            await check.AskAsync(answers).ConfigureAwait(false);
            connection = await TryConnectAsync(uri, host, check, answers, fault).ConfigureAwait(false) ?? throw check.Problem!.ToException(uri.ToString());
        }

        return await RunAsync(uri, host, command, connection, cancel).ConfigureAwait(false);
    }

    /// <summary>Connects and logs in; null when the host shows a key that is not known.</summary>
    private static async Task<SessionOwner?> TryConnectAsync(
        ConnectionUri uri, string host, HostKeyCheck check, Answers answers, SshNetFault fault)
    {
        string user = SshUri.User(uri) ?? Environment.UserName;
        ConnectionInfo info = new(host, uri.Port ?? DefaultPort, user, [.. Methods(uri, host, user, answers)])
        {
            Timeout = RemoteDriver.ConnectTimeout(uri) + Overtime,
        };
        Algorithms.Offer(info, check.KnownTypes);
        SshClient client = new(info);
        client.HostKeyReceived += (_, shown) => check.Look(shown);
        // Not its ConnectAsync: a socket that has once read without blocking stays so, and each of SSH.NET's later, blocking reads
        // then goes through another thread, which costs a third of the throughput.
        Task connecting = Task.Run(client.Connect, CancellationToken.None);
        try
        {
            await connecting.WaitAsync(answers.Cancel).ConfigureAwait(false);
            return new SessionOwner(client);
        }
        catch (Exception e)
        {
            _ = EndAsync(connecting, client);
            answers.Cancel.ThrowIfCancellationRequested();
            if (check.IsUnknown)
                return null;
            throw fault.Explain(e, info);
        }
    }

    /// <summary>Ends an attempt that has failed or been given up; SSH.NET may still be at it, for a while.</summary>
    private static async Task EndAsync(Task connecting, SshClient client)
    {
        await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        client.Dispose();
    }

    private static IEnumerable<AuthenticationMethod> Methods(ConnectionUri uri, string host, string user, Answers answers)
    {
        IReadOnlyList<SshMethod> methods = SshUri.Methods(uri) ?? DefaultMethods;
        bool withKeys = false;
        foreach (SshMethod method in methods)
        {
            if (method is SshMethod.Agent or SshMethod.PrivateKey && !withKeys)
            {
                withKeys = true;
                yield return new KeyLogin(user, new Identities(uri, methods), answers);
            }
            else if (method == SshMethod.Password && answers.MayAsk)
            {
                yield return new PasswordLogin(user, host, answers);
            }
            else if (method == SshMethod.KeyboardInteractive && answers.MayAsk)
            {
                yield return new InteractiveLogin(user, host, answers);
            }
        }

        // SSH.NET wants at least one.
        if (!withKeys && !answers.MayAsk)
            yield return new NoneAuthenticationMethod(user);
    }

    private static async Task<Stream> RunAsync(ConnectionUri uri, string host, string command, SessionOwner connection, CancellationToken cancel)
    {
        try
        {
            ExecChannel channel = await ExecChannel.OpenAsync(connection.Session, command, cancel).ConfigureAwait(false);
            ExecStream stream = new($"virtd proxy on {host}", channel, connection);
            await WaitForDaemonAsync(uri, stream, cancel).ConfigureAwait(false);
            return stream;
        }
        catch (IOException e)
        {
            connection.Dispose();
            throw new VirtConnectionException(
                VirtErrorCode.SystemError, $"{host} has let the user in, and then: {e.Message}", uri.ToString(),
                "Look at what the account may do there, and at the log of its ssh server.", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task WaitForDaemonAsync(ConnectionUri uri, ExecStream stream, CancellationToken cancel)
    {
        Announcement announcement = new(stream);
        try
        {
            await announcement.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (ProcessEndedException e)
        {
            throw SshFault.FarSide(uri, e, announcement.Noise);
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
