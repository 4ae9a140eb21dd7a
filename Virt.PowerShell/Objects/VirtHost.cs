using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;
using Virt.Rpc;

namespace Virt.PowerShell;

/// <summary>
/// A host that this session is connected to. A connection that was lost is opened again by the next call; one that was closed by
/// Disconnect-VirtHost stays closed.
/// </summary>
public sealed class VirtHost : IAsyncDisposable
{
    private readonly Func<CancellationToken, ValueTask<VirtConnection>> _open;
    private readonly SemaphoreSlim _gate = new(1);
    private VirtConnection _connection;
    private HostRecord _record;
    private volatile bool _closed;

    private VirtHost(
        string? requested, Func<CancellationToken, ValueTask<VirtConnection>> open, VirtConnection connection, HostRecord record)
    {
        Requested = requested;
        _open = open;
        _connection = connection;
        _record = record;
    }

    /// <summary>The host's name.</summary>
    public string Name => _record.HostName;

    /// <summary>The URI that was opened.</summary>
    public string Uri => _connection.Uri.ToString();

    /// <summary>The URI as the host itself knows it.</summary>
    public string CanonicalUri => _connection.CanonicalUri;

    /// <summary>Whether the connection is open.</summary>
    public bool Connected => !_closed && _connection.IsAlive;

    /// <summary>Whether changes are denied.</summary>
    public bool ReadOnly => _connection.IsReadOnly;

    /// <summary>What this connection may do.</summary>
    public Access Access => _connection.Access;

    /// <summary>The hypervisor: QEMU, or Test.</summary>
    public string Hypervisor => _record.HypervisorType;

    /// <summary>The hypervisor's version; null when none was found.</summary>
    public string? HypervisorVersion => _record.HypervisorVersion;

    /// <summary>The version of Virt that answers.</summary>
    public string DaemonVersion => _record.DaemonVersion;

    /// <summary>The processor architecture.</summary>
    public string Architecture => _record.Node.Architecture;

    /// <summary>The processor's name.</summary>
    public string CpuModel => _record.Node.CpuModel;

    /// <summary>Logical processors.</summary>
    public int Cpu => _record.Node.Cpus;

    /// <summary>The processor clock in MHz; 0 when not known.</summary>
    public int Mhz => _record.Node.Mhz;

    /// <summary>NUMA nodes.</summary>
    public int NumaNodes => _record.Node.NumaNodes;

    /// <summary>Sockets per NUMA node.</summary>
    public int Sockets => _record.Node.Sockets;

    /// <summary>Cores per socket.</summary>
    public int CoresPerSocket => _record.Node.CoresPerSocket;

    /// <summary>Threads per core.</summary>
    public int ThreadsPerCore => _record.Node.ThreadsPerCore;

    /// <summary>Memory in bytes.</summary>
    public long Memory => _record.Node.Memory;

    /// <summary>Memory that was available when the host was last asked, in bytes.</summary>
    public long FreeMemory => _record.Node.FreeMemory;

    /// <summary>The kinds of secondary driver the connection has.</summary>
    internal IReadOnlyList<SecondaryDriver> SecondaryDrivers => _connection.SecondaryDrivers;

    /// <summary>The URI or alias that the user asked for; null for the default.</summary>
    internal string? Requested { get; }

    /// <summary>Whether it was closed for good.</summary>
    internal bool Closed => _closed;

    /// <summary>The host's name.</summary>
    public override string ToString() => Name;

    /// <summary>Asks the host again for its versions and its memory.</summary>
    public void Refresh() => Blocking.Run(RefreshAsync);

    /// <summary>Closes the connection for good.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    internal static async Task<VirtHost> OpenAsync(
        string? requested, Func<CancellationToken, ValueTask<VirtConnection>> open, CancellationToken cancel)
    {
        VirtConnection connection = await open(cancel).ConfigureAwait(false);
        try
        {
            HostRecord record = await connection.Hypervisor.GetHostAsync(cancel).ConfigureAwait(false);
            return new VirtHost(requested, open, connection, record);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal async Task RefreshAsync(CancellationToken cancel)
    {
        VirtConnection connection = await ConnectionAsync(cancel).ConfigureAwait(false);
        _record = await connection.Hypervisor.GetHostAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>The open connection, opened again when it was lost.</summary>
    internal async ValueTask<VirtConnection> ConnectionAsync(CancellationToken cancel)
    {
        ThrowIfClosed();
        if (_connection.IsAlive)
            return _connection;
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            if (!_connection.IsAlive)
            {
                VirtConnection lost = _connection;
                _connection = await _open(cancel).ConfigureAwait(false);
                await lost.DisposeAsync().ConfigureAwait(false);
            }

            return _connection;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether this is what the user means by a name or URI.</summary>
    internal bool Answers(string nameOrUri) =>
        Domains.NamePattern.IsMatch(nameOrUri, Name)
        || string.Equals(nameOrUri, Uri, StringComparison.OrdinalIgnoreCase)
        || string.Equals(nameOrUri, CanonicalUri, StringComparison.OrdinalIgnoreCase);

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidConnection, $"the connection to {Name} has been closed", Uri,
                $"Connect again: Connect-VirtHost '{Uri}'");
        }
    }
}
