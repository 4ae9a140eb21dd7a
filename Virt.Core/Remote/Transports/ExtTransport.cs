using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Transports.Processes;

namespace Virt.Remote.Transports;

/// <summary>Any program whose standard input and output lead to a daemon: the parameter <c>command</c> names it.</summary>
internal sealed class ExtTransport : IRemoteTransport
{
    public string Name => "ext";

    public ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        if (uri.Host is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, "the transport ext takes no host: its program knows where to connect", uri.ToString(),
                $"Write {uri.Driver}+ext://{uri.Path}?command=/path/to/program.");
        }

        if (!uri.Parameters.TryGetValue("command", out string? command) || command.Length == 0)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, "the transport ext needs the parameter command", uri.ToString(),
                $"Write {uri.Driver}+ext://{uri.Path}?command=/path/to/program.");
        }

        string program = ExecutableFile.Find(command) ?? throw new VirtConnectionException(
            VirtErrorCode.SystemError, $"there is no executable program '{command}'", uri.ToString(),
            "Give the parameter command the path of a program, without arguments; a script can add those.");
        ChildProcess child = ChildProcess.Start(program, []);
        return ValueTask.FromResult<Stream>(new ProcessStream(command, child, ErrorOutput.Read(child.Error)));
    }
}
