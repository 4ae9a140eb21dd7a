using System.Threading.Channels;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Errors;

namespace Virt.Tests.Core.TestDriver;

/// <summary>A test host of its own with a clock of its own, and a record of its events.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DriverTable _table;
    private readonly Channel<DomainLifecycleEvent> _events = Channel.CreateUnbounded<DomainLifecycleEvent>();
    private readonly List<VirtConnection> _connections = [];
    private readonly string? _folder;

    private HostFixture(string? folder)
    {
        _folder = folder;
        _table = new DriverTable(new TestDriverModule(new TestDriverOptions { Time = Time }));
    }

    public ManualTime Time { get; } = new();

    public VirtConnection Connection => _connections[0];

    public IHypervisorDriver Driver => Connection.Hypervisor;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The default host.</summary>
    public static Task<HostFixture> DefaultAsync(string parameters = "") => StartAsync(new HostFixture(null), "test:///default" + parameters);

    /// <summary>A host read from a file with this content, next to other files.</summary>
    public static async Task<HostFixture> FromXmlAsync(string xml, params (string Name, string Content)[] others)
    {
        string folder = Directory.CreateTempSubdirectory("virt-test-").FullName;
        foreach ((string name, string content) in others)
            await File.WriteAllTextAsync(Path.Combine(folder, name), content, Cancel);
        string file = Path.Combine(folder, "node.xml");
        await File.WriteAllTextAsync(file, xml, Cancel);
        return await StartAsync(new HostFixture(folder), "test://" + file);
    }

    public async Task<VirtConnection> ConnectAsync(string uri, OpenOptions options = OpenOptions.None, ConnectAuth? auth = null)
    {
        VirtConnection connection = await VirtConnection.OpenAsync(_table, ConnectionUri.Parse(uri), options, auth ?? ConnectAuth.None, Cancel);
        _connections.Add(connection);
        return connection;
    }

    public async Task<DomainRecord> FindAsync(string name) => await Driver.GetDomainByNameAsync(name, Cancel);

    public async Task<Guid> UuidAsync(string name) => (await FindAsync(name)).Uuid;

    /// <summary>Waits for so many events.</summary>
    public async Task<IReadOnlyList<DomainLifecycleEvent>> TakeAsync(int count)
    {
        var taken = new List<DomainLifecycleEvent>();
        while (taken.Count < count)
            taken.Add(await _events.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));
        return taken;
    }

    /// <summary>The events that have come until now, as <c>Kind/Detail</c>.</summary>
    public string Drain()
    {
        var words = new List<string>();
        while (_events.Reader.TryRead(out DomainLifecycleEvent? happened))
            words.Add(Word(happened));
        return string.Join(' ', words);
    }

    public static string Word(DomainLifecycleEvent happened) => $"{happened.Kind}/{happened.Detail}";

    public static async Task<VirtException> FailsAsync(VirtErrorCode code, Func<Task> call)
    {
        VirtException error = await Assert.ThrowsAnyAsync<VirtException>(call);
        Assert.Equal(code, error.Code);
        return error;
    }

    public static Task<VirtException> FailsAsync<T>(VirtErrorCode code, ValueTask<T> call) => FailsAsync(code, async () => await call);

    public async ValueTask DisposeAsync()
    {
        foreach (VirtConnection connection in _connections)
            await connection.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static async Task<HostFixture> StartAsync(HostFixture fixture, string uri)
    {
        try
        {
            await fixture.ConnectAsync(uri);
            await fixture.Driver.SubscribeDomainEventsAsync(happened => fixture._events.Writer.TryWrite(happened), Cancel);
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }
}
