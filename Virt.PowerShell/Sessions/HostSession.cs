using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Opens a connection for what the user said.</summary>
internal delegate ValueTask<VirtConnection> HostOpener(
    string? uri, OpenOptions options, ConnectAuth auth, CancellationToken cancel);

/// <summary>Which connection is wanted.</summary>
/// <param name="Uri">A URI or alias; null for the default.</param>
/// <param name="ReadOnly">Whether changes are to be denied.</param>
/// <param name="IsDefault">Whether commands that name no host use it.</param>
/// <param name="Reuse">Whether an open connection of the same kind will do.</param>
internal sealed record ConnectRequest(string? Uri = null, bool ReadOnly = false, bool IsDefault = true, bool Reuse = true);

/// <summary>The hosts that one PowerShell session is connected to. Safe to use from many threads.</summary>
internal sealed class HostSession(HostOpener opener) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Lock _lock = new();
    private readonly List<VirtHost> _hosts = [];
    private readonly List<VirtHost> _defaults = [];
    private string? _failed;

    public HostSession()
        : this((uri, options, auth, cancel) => VirtConnection.OpenAsync(uri, options, auth, cancel))
    {
    }

    /// <summary>All hosts, in the order in which they were connected.</summary>
    public IReadOnlyList<VirtHost> Hosts
    {
        get
        {
            lock (_lock)
                return [.. _hosts];
        }
    }

    /// <summary>The hosts that commands use which name none.</summary>
    public IReadOnlyList<VirtHost> Defaults
    {
        get
        {
            lock (_lock)
                return [.. _defaults];
        }
    }

    /// <summary>Connects to a host; where reuse is allowed, the same connection is not opened twice.</summary>
    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    public async Task<VirtHost> ConnectAsync(ConnectRequest request, ConnectAuth auth, CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            VirtHost? known = Find(request);
            VirtHost host = known ?? await OpenAsync(request, auth, cancel).ConfigureAwait(false);
            // A connection that was lost is opened again; it stays the same host.
            if (known is not null)
                await known.ConnectionAsync(cancel).ConfigureAwait(false);
            lock (_lock)
            {
                if (!_hosts.Contains(host))
                    _hosts.Add(host);
                if (request.IsDefault && !_defaults.Contains(host))
                    _defaults.Add(host);
                _failed = null;
            }

            return host;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            lock (_lock)
                _failed = request.Uri ?? "the default URI";
            throw;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The default hosts; with none, the default URI is opened.</summary>
    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    public async Task<IReadOnlyList<VirtHost>> DefaultsAsync(ConnectAuth auth, CancellationToken cancel)
    {
        IReadOnlyList<VirtHost> defaults = Defaults;
        if (defaults.Count > 0)
            return defaults;
        lock (_lock)
        {
            // The user meant that host; to go on with another one by ourselves could stop the wrong guests.
            if (_failed is not null)
            {
                throw VirtException.Create(
                    VirtErrorCode.NoConnect, $"no host is connected, because Connect-VirtHost to {_failed} failed", _failed,
                    "Run Connect-VirtHost again; without -Uri it opens the default URI.");
            }
        }

        try
        {
            return [await ConnectAsync(new ConnectRequest(), auth, cancel).ConfigureAwait(false)];
        }
        finally
        {
            lock (_lock)
                _failed = null;
        }
    }

    /// <summary>Takes a host out of the session and closes it.</summary>
    [AsyncMethodBuilder(typeof(SeldomTask))]
    public async Task DisconnectAsync(VirtHost host)
    {
        lock (_lock)
        {
            _hosts.Remove(host);
            _defaults.Remove(host);
        }

        await host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>An empty session that opens connections the same way.</summary>
    public HostSession Apart() => new(opener);

    /// <summary>Closes all.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask DisposeAsync()
    {
        foreach (VirtHost host in Hosts)
            await DisconnectAsync(host).ConfigureAwait(false);
    }

    private VirtHost? Find(ConnectRequest request) =>
        request.Reuse
            ? Hosts.FirstOrDefault(host => !host.Closed && host.ReadOnly == request.ReadOnly
                && (host.Requested == request.Uri || host.Uri == request.Uri))
            : null;

    private Task<VirtHost> OpenAsync(ConnectRequest request, ConnectAuth auth, CancellationToken cancel) =>
        VirtHost.OpenAsync(
            request.Uri, again => OpenConnectionAsync(request, auth, again), cancel);

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private async ValueTask<VirtConnection> OpenConnectionAsync(
        ConnectRequest request, ConnectAuth auth, CancellationToken cancel)
    {
        try
        {
            return await opener(request.Uri, request.ReadOnly ? OpenOptions.ReadOnly : OpenOptions.None, auth, cancel)
                .ConfigureAwait(false);
        }
        catch (VirtException failure) when (failure.Code == VirtErrorCode.SystemError && failure is not VirtConnectionException)
        {
            // Socket and files failed in connecting: users catch that as a connection's failure.
            throw new VirtConnectionException(failure.Code, failure.Message, failure.Target, failure.RecommendedAction, failure);
        }
    }
}
