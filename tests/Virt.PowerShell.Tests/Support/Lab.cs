using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Virt.Connections;
using Virt.Drivers;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>A PowerShell session with hosts of its own, in which a test runs scripts.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private const int CompletionTries = 20;

    private readonly LabHost _program = new();
    private readonly Lazy<Runspace> _runspace;
    private string? _folder;

    public Lab()
    {
        Session = new HostSession((uri, options, auth, cancel) =>
            VirtConnection.OpenAsync(new DriverTable(Module), ConnectionUri.Parse(uri ?? "spy:///"), options, auth, cancel));
        _runspace = new Lazy<Runspace>(() =>
        {
            Runspace runspace = Engine.Open(_program);
            RunspaceSessions.Begin(runspace, Session);
            return runspace;
        });
    }

    public SpyModule Module { get; } = new();

    public HostSession Session { get; }

    public Runspace Runspace => _runspace.Value;

    /// <summary>The user of the session.</summary>
    public LabScreen Screen => _program.Screen;

    /// <summary>A folder for the files of the test.</summary>
    public string Folder => _folder ??= Directory.CreateTempSubdirectory("virt-lab-").FullName;

    public SpyConnection this[string host] => Module.Connections[host];

    public static async Task<Lab> WithAsync(params string[] hosts)
    {
        var lab = new Lab();
        foreach (string host in hosts)
            await lab.Session.ConnectAsync(
                new ConnectRequest($"spy://{host}/"), ConnectAuth.None, TestContext.Current.CancellationToken);
        return lab;
    }

    public VirtHost Host(string name) => Session.Hosts.Single(host => host.Name == name);

    /// <summary>The domain as it is now.</summary>
    public async Task<VirtDomain> DomainAsync(string name, string? host = null)
    {
        VirtHost on = host is null ? Session.Hosts[0] : Host(host);
        var connection = await on.ConnectionAsync(TestContext.Current.CancellationToken);
        return new VirtDomain(on, await connection.Hypervisor.GetDomainByNameAsync(name, TestContext.Current.CancellationToken));
    }

    /// <summary>Puts a value into a variable of the session.</summary>
    public Lab Set(string variable, object? value)
    {
        Runspace.SessionStateProxy.SetVariable(variable, value);
        return this;
    }

    /// <summary>Begins to run a script.</summary>
    public RunningScript Start(string script) => new(Runspace, Screen, script);

    /// <summary>Runs a script to its end.</summary>
    public Task<Outcome> RunAsync(string script) => Start(script).EndAsync();

    /// <summary>Runs a command that must end with a terminating error.</summary>
    public async Task<ErrorRecord> RunToItsEndAsync(string script)
    {
        Outcome outcome = await RunAsync($"try {{ {script} }} catch {{ $_ }}");
        return outcome.Single<ErrorRecord>();
    }

    /// <summary>
    /// What the Tab key proposes at the end of a line. Where completion took long and gave up, as it does on a busy machine, the key is
    /// pressed again, as a person would.
    /// </summary>
    public Task<IReadOnlyList<CompletionResult>> CompleteAsync(string line) => Task.Run<IReadOnlyList<CompletionResult>>(() =>
    {
        for (int left = CompletionTries; ; left--)
        {
            using Shell shell = Shell.Create(Runspace);
            long began = Stopwatch.GetTimestamp();
            Collection<CompletionResult> proposals = CommandCompletion.CompleteInput(line, line.Length, options: null, shell).CompletionMatches;
            if (proposals.Count > 0 || left == 1 || Stopwatch.GetElapsedTime(began) < Completion.Patience)
                return proposals;
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        if (_runspace.IsValueCreated)
            await Task.Run(_runspace.Value.Dispose);
        await Session.DisposeAsync();
    }
}
