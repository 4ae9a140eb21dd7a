using System.Collections.Concurrent;
using Virt.Connections;

namespace Virt.Tests.Daemon.Transports;

/// <summary>A user with answers, one for each time that something is asked.</summary>
internal sealed class Questions(params string[] answers)
{
    private readonly ConcurrentQueue<string> _answers = new(answers);

    public List<CredentialRequest> Asked { get; } = [];

    public ConnectAuth Auth => new((requests, _) =>
    {
        Asked.AddRange(requests);
        return ValueTask.FromResult<IReadOnlyList<string>?>(
            _answers.TryDequeue(out string? answer) ? [.. requests.Select(request => request.Kind == CredentialKind.UserName ? "" : answer)] : null);
    });
}
