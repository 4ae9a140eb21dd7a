using System.Management.Automation.Language;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Hosts;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>One proposal of tab completion.</summary>
/// <param name="Text">What is put on the command line.</param>
/// <param name="Shown">What the list shows.</param>
/// <param name="Tip">What is said about it.</param>
internal sealed record Proposal(string Text, string Shown, string Tip);

/// <summary>
/// What tab completion proposes. It never fails and never asks the user, and it gives up after a short time: then there are no
/// proposals.
/// </summary>
internal sealed class Completion(HostSession session)
{
    /// <summary>How long it asks hosts.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Domains whose names begin with the word.</summary>
    public IReadOnlyList<Proposal> Domains(string? word, IReadOnlyList<HostIdentity> typedHosts) =>
        Ask(typedHosts, word, async (driver, host, filter, cancel) =>
    {
        IReadOnlyList<DomainRecord> domains = await driver.ListDomainsAsync(filter, cancel).ConfigureAwait(false);
        return domains.Select(domain => Propose(
            domain.Name, $"{domain.State}, {SizeText.Humanise(domain.Memory)}, {host.Name}", escape: true));
    });

    /// <summary>Machine types whose names or aliases begin with the word.</summary>
    public IReadOnlyList<Proposal> Machines(string? word, IReadOnlyList<HostIdentity> typedHosts) =>
        Ask(typedHosts, word, async (driver, _, _, cancel) =>
    {
        HostCapabilities capabilities = await driver.GetHostCapabilitiesAsync(cancel).ConfigureAwait(false);
        return capabilities.Guests.SelectMany(guest => guest.Machines)
            .SelectMany(machine => new[] { (Name: machine.Alias, machine), (Name: (string?)machine.Name, machine) })
            .Where(entry => entry.Name is not null && entry.Name.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase))
            .Select(entry => Propose(entry.Name!, $"{entry.machine.Name}, up to {entry.machine.MaximumVCpu} CPUs"));
    });

    /// <summary>CPU models that begin with the word, and the modes that take the host's.</summary>
    public IReadOnlyList<Proposal> Cpus(string? word, IReadOnlyList<HostIdentity> typedHosts)
    {
        IReadOnlyList<Proposal> models = Ask(typedHosts, word, async (driver, _, _, cancel) =>
        {
            DomainCapabilities offered = await driver.GetDomainCapabilitiesAsync(new DomainCapabilitiesRequest(), cancel).ConfigureAwait(false);
            return offered.CpuModels.Where(model => model.Name.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase))
                .Select(model => Propose(model.Name, model.Usable == false ? "not usable on this host" : "a model of QEMU"));
        });
        return
        [
            .. Words(word,
            [
                ("host-model", "the model nearest to the host's"), ("host-passthrough", "the host's, as it is"),
                ("maximum", "all that the accelerator can do"),
            ]),
            .. models,
        ];
    }

    /// <summary>Where network cards lead; the networks of the hosts by their names.</summary>
    public IReadOnlyList<Proposal> Nics(string? word, IReadOnlyList<HostIdentity> typedHosts)
    {
        IReadOnlyList<Proposal> networks = Bare(word).Contains(':', StringComparison.Ordinal)
            ? AskHosts(typedHosts, async (host, cancel) =>
            {
                var connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
                var all = await connection.Network.ListNetworksAsync(cancel).ConfigureAwait(false);
                return all.Select(network => Propose($"network:{network.Name}", $"a network of {host.Name}"))
                    .Where(proposal => proposal.Shown.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase));
            })
            : [];
        return networks.Count > 0 ? networks : Words(
            word,
            [
                ("bridge:", "a bridge of the host"), ("direct:", "a network device of the host"), ("network:", "a virtual network"),
                ("none", "no network card"), ("user", "QEMU's user-mode network"),
            ]);
    }

    /// <summary>Devices of the domains that were typed.</summary>
    /// <param name="word">What was typed of the key.</param>
    /// <param name="typedHosts">The hosts that were typed.</param>
    /// <param name="domains">The names of domains, also with wildcards, that were typed.</param>
    /// <param name="kind">The element; null for all.</param>
    /// <param name="key">What a device is known by, and what is said about it.</param>
    public IReadOnlyList<Proposal> Devices(
        string? word, IReadOnlyList<HostIdentity> typedHosts, IReadOnlyList<string> domains, string? kind,
        Func<VirtDevice, (string? Key, string Tip)> key)
    {
        if (domains.Count == 0)
            return [];
        return AskHosts(typedHosts, async (host, cancel) =>
        {
            IHypervisorDriver driver = (await host.ConnectionAsync(cancel).ConfigureAwait(false)).Hypervisor;
            var filter = new DomainFilter(Names: domains);
            IReadOnlyList<DomainRecord> records = await driver.ListDomainsAsync(filter, cancel).ConfigureAwait(false);
            IReadOnlyList<DomainDeviceList> lists = await driver.ListDomainDevicesAsync(
                filter, new DeviceQuery(kind is null ? null : [kind]), cancel).ConfigureAwait(false);
            return lists.SelectMany(list => list.Devices
                .Select(device => DeviceCommand.Wrap(new VirtDomain(host, records.First(record => record.Uuid == list.Uuid)), device)))
                .Select(key).Where(one => one.Key?.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase) == true)
                .Select(one => Propose(one.Key!, one.Tip));
        });
    }

    /// <summary>Those of a few words that begin with what was typed.</summary>
    public static IReadOnlyList<Proposal> Words(string? word, IEnumerable<(string Text, string Tip)> words) =>
        [.. words.Where(one => one.Text.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase)).Select(one => Propose(one.Text, one.Tip))];

    /// <summary>Secrets: whom they are for, or their uuids.</summary>
    public IReadOnlyList<Proposal> Secrets(string? word, IReadOnlyList<HostIdentity> typedHosts) => AskHosts(typedHosts, async (host, cancel) =>
    {
        var connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
        var secrets = await connection.Secrets.ListSecretsAsync(cancel).ConfigureAwait(false);
        return secrets.Select(secret => Propose(
                secret.UsageId ?? secret.Uuid.ToString(), $"{secret.UsageType}, {secret.Uuid}, {host.Name}", escape: secret.UsageId is not null))
            .Where(proposal => proposal.Shown.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase));
    });

    /// <summary>Connected hosts whose names begin with the word.</summary>
    public IReadOnlyList<Proposal> Hosts(string? word) =>
        [.. session.Hosts.Where(host => host.Name.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase))
            .DistinctBy(host => host.Name).Select(host => Propose(host.Name, host.Uri))];

    /// <summary>URIs that are usual, and those that are connected.</summary>
    public IReadOnlyList<Proposal> Uris(string? word)
    {
        (string Uri, string Tip)[] usual =
        [
            ("qemu:///system", "the system daemon of this machine"),
            ("qemu:///session", "the daemon of this user"),
            ("qemu+tcp://", "a host's daemon over tcp, as qemu+tcp://host/system"),
            ("test:///default", "a few domains in memory, to try things out"),
        ];
        return [.. session.Hosts.Select(host => (host.Uri, Tip: host.Name)).Concat(usual).DistinctBy(uri => uri.Uri)
            .Where(uri => uri.Uri.StartsWith(Bare(word), StringComparison.OrdinalIgnoreCase))
            .Select(uri => Propose(uri.Uri, uri.Tip))];
    }

    /// <summary>The word without the quotes that the user has begun.</summary>
    internal static string Bare(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>
    /// The text in quotes where the shell would take it apart, wildcards escaped where they would count as such.
    /// </summary>
    internal static Proposal Propose(string text, string tip, bool escape = false)
    {
        text = VisibleText.Line(text);
        tip = VisibleText.Line(tip);
        string literal = escape ? Escape(text) : text;
        bool plain = literal.Length > 0 && literal.All(IsPlain) && !char.IsAsciiDigit(literal[0])
            && literal[0] is not ('-' or '@' or '#');
        string quoted = plain ? literal : $"'{CodeGeneration.EscapeSingleQuotedStringContent(literal)}'";
        return new Proposal(quoted, text.Length == 0 ? " " : text, tip.Length == 0 ? text : tip);
    }

    private static bool IsPlain(char c) => char.IsLetterOrDigit(c)
        || c is '-' or '_' or '.' or ':' or '/' or '+' or '?' or '=' or '\\';

    private static string Escape(string name)
    {
        if (!name.AsSpan().ContainsAny("*?[]`"))
            return name;
        var text = new System.Text.StringBuilder(name.Length + 4);
        foreach (char c in name)
        {
            if (c is '*' or '?' or '[' or ']' or '`')
                text.Append('`');
            text.Append(c);
        }

        return text.ToString();
    }

    private IReadOnlyList<Proposal> Ask(
        IReadOnlyList<HostIdentity> typedHosts, string? word,
        Func<IHypervisorDriver, VirtHost, DomainFilter, CancellationToken, Task<IEnumerable<Proposal>>> ask)
    {
        var filter = new DomainFilter(Names: [Bare(word) + "*"]);
        return AskHosts(typedHosts, async (host, cancel) =>
            await ask((await host.ConnectionAsync(cancel).ConfigureAwait(false)).Hypervisor, host, filter, cancel).ConfigureAwait(false));
    }

    private IReadOnlyList<Proposal> AskHosts(
        IReadOnlyList<HostIdentity> typedHosts, Func<VirtHost, CancellationToken, Task<IEnumerable<Proposal>>> ask)
    {
        try
        {
            return Blocking.Run(
                async cancel =>
                {
                    IReadOnlyList<VirtHost> hosts = await HostsAsync(typedHosts, cancel).ConfigureAwait(false);
                    IEnumerable<Proposal>[] answers = await Task.WhenAll(hosts.Select(host => ask(host, cancel))).ConfigureAwait(false);
                    return (IReadOnlyList<Proposal>)[.. answers.SelectMany(answer => answer)
                        .DistinctBy(proposal => proposal.Text)
                        .OrderBy(proposal => proposal.Shown, StringComparer.OrdinalIgnoreCase)];
                },
                Patience);
        }
        catch (Exception)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<VirtHost>> HostsAsync(IReadOnlyList<HostIdentity> typed, CancellationToken cancel)
    {
        if (typed.Count == 0)
            return await session.DefaultsAsync(ConnectAuth.None, cancel).ConfigureAwait(false);
        return [.. typed.SelectMany(identity => identity.Host is { } host ? [host] : session.Hosts.Where(identity.Matches))
            .Distinct()];
    }
}
