using System.Collections.Concurrent;
using Virt.Connections;
using Virt.Drivers;
using Virt.Drivers.Test;
using Virt.Errors;

namespace Virt.Tests.PowerShell;

/// <summary>Serves <c>spy://HOST/</c>: a host of the test driver behind a <see cref="SpyHypervisor"/>.</summary>
internal sealed class SpyModule : IDriverModule
{
    private static readonly ConnectionUri Inner = ConnectionUri.Parse("test:///default");

    private readonly ConcurrentDictionary<string, TestDriverModule> _hosts = [];

    /// <summary>The connections by host name.</summary>
    public ConcurrentDictionary<string, SpyConnection> Connections { get; } = [];

    /// <summary>How many attempts to connect are refused before one succeeds.</summary>
    public int Refusals { get; set; }

    /// <summary>How often a connection was opened.</summary>
    public int Opened { get; private set; }

    public string Name => "spy";

    public async ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        string name = request.Uri.Host ?? "default";
        if (name == "down")
            throw VirtException.Create(
                VirtErrorCode.SystemError, "the connection to down was refused", "down", "Start virtd there.");
        if (Refusals > 0)
        {
            Refusals--;
            throw new VirtConnectionException(VirtErrorCode.SystemError, "nobody listens", name, "Start virtd.");
        }

        if (name == "asks")
        {
            IReadOnlyList<string>? answers = await request.Auth.Answer(
                [new CredentialRequest(CredentialKind.UserName, "User:"),
                new CredentialRequest(CredentialKind.Password, "Password:")], cancel);
            if (answers is not ["ann", "secret"])
                throw new VirtException(VirtErrorCode.AuthenticationFailed, "user name or password is wrong", name);
        }

        // A host keeps its domains while connections come and go.
        TestDriverModule module = _hosts.GetOrAdd(name, _ => new(new TestDriverOptions { GuestDelay = TimeSpan.FromMilliseconds(1) }));
        IDriverConnection inner = (await module.OpenAsync(request with { Uri = Inner }, cancel)).Driver!;
        var connection = new SpyConnection(name, inner);
        Connections[name] = connection;
        Opened++;
        return DriverOpening<IDriverConnection>.Opened(connection);
    }
}

/// <summary>A connection that a test can break.</summary>
internal sealed class SpyConnection(string name, IDriverConnection inner) : IDriverConnection
{
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SpyHypervisor Spy { get; } = new(name, inner.Hypervisor);

    public IHypervisorDriver Hypervisor => Spy;

    public string CanonicalUri => $"spy:///{name}";

    public string HostName => name;

    public Task<string> Closed => _closed.Task;

    public bool Disposed { get; private set; }

    /// <summary>Loses the connection: first its events, then the rest.</summary>
    public void Break(string reason = "the daemon went away")
    {
        Spy.Silent = true;
        _closed.TrySetResult(reason);
    }

    public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
        where T : class, IAsyncDisposable => inner.OpenSecondaryAsync<T>(cancel);

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        _closed.TrySetResult("it was closed");
        return inner.DisposeAsync();
    }
}
