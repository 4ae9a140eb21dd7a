using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Virt.PowerShell;

/// <summary>The base of the completers: hands <see cref="Completion"/>'s proposals to the engine.</summary>
public abstract class VirtCompleter : IArgumentCompleter
{
    private static readonly string[] HostParameters = ["VirtHost", "Server", "ComputerName"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return [.. Propose(new Completion(RunspaceSessions.Current), wordToComplete, TypedHosts(fakeBoundParameters), fakeBoundParameters)
                .Select(one => new CompletionResult(one.Text, one.Shown, CompletionResultType.ParameterValue, one.Tip))];
        }
        catch (Exception)
        {
            // Completion has no place to say what went wrong.
            return [];
        }
    }

    internal virtual IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts, IDictionary? bound) =>
        Propose(completion, word, typedHosts);

    internal virtual IReadOnlyList<Proposal> Propose(Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) => [];

    internal static IReadOnlyList<HostIdentity> TypedHosts(IDictionary? bound)
    {
        if (bound is null)
            return [];
        object? typed = HostParameters.Select(name => bound[name]).FirstOrDefault(value => value is not null);
        object? bare = Unwrap(typed);
        IEnumerable<object?> values = bare is IEnumerable many and not string ? many.Cast<object?>() : [bare];
        return [.. values.Select(Unwrap).Select(Identity).OfType<HostIdentity>()];
    }

    private static HostIdentity? Identity(object? value) => value switch
    {
        VirtHost host => new HostIdentity(host),
        string text when !string.IsNullOrWhiteSpace(text) => new HostIdentity(text),
        HostIdentity identity => identity,
        _ => null,
    };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}

/// <summary>Completes names of domains.</summary>
public sealed class DomainNameCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Domains(word, typedHosts);
}

/// <summary>Completes machine types.</summary>
public sealed class MachineCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Machines(word, typedHosts);
}

/// <summary>Completes names of connected hosts.</summary>
public sealed class HostNameCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Hosts(word);
}

/// <summary>Completes connection URIs.</summary>
public sealed class UriCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Uris(word);
}

/// <summary>Completes CPU models.</summary>
public sealed class CpuCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Cpus(word, typedHosts);
}

/// <summary>Completes where network cards lead.</summary>
public sealed class NicSpecCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        completion.Nics(word, typedHosts);
}

/// <summary>Completes kinds of display.</summary>
public sealed class GraphicsSpecCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        Completion.Words(word, [("none", "no display"), ("spice", "SPICE on the host's loopback"), ("vnc", "VNC on the host's loopback")]);
}

/// <summary>Completes where serial ports lead.</summary>
public sealed class SerialSpecCompleter : VirtCompleter
{
    internal override IReadOnlyList<Proposal> Propose(
        Completion completion, string word, IReadOnlyList<HostIdentity> typedHosts) =>
        Completion.Words(
            word,
            [
                ("file:", "a file on the host"), ("none", "no serial port"), ("null", "a port that leads nowhere"),
                ("pty", "a pseudo terminal of the host"), ("tcp:", "an address and port of the host to listen on"),
                ("unix:", "a unix socket of the host to listen on"),
            ]);
}
