using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Drivers;
using Virt.Hosts;
using Virt.Rpc;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>
/// A host that this session is connected to. A connection that was lost is opened again by the next call; one that was closed by
/// Disconnect-VirtHost stays closed.
/// </summary>
public sealed class VirtHost : IAsyncDisposable, IHostColumns
{
    private readonly HostConnection _connection;
    private HostRecord _record;

    private VirtHost(string? requested, HostConnection connection, HostRecord record)
    {
        Requested = requested;
        _connection = connection;
        _record = record;
    }

    /// <summary>The host's name.</summary>
    public string Name => VisibleText.Line(_record.HostName);

    /// <summary>The host's name, as domains call it.</summary>
    public string HostName => Name;

    /// <summary>The URI that was opened.</summary>
    public string Uri => VisibleText.Line(_connection.Current.Uri.ToString());

    /// <summary>The URI as the host itself knows it.</summary>
    public string CanonicalUri => VisibleText.Line(_connection.Current.CanonicalUri);

    /// <summary>Whether the connection is open.</summary>
    public bool Connected => !_connection.IsClosed && _connection.Current.IsAlive;

    /// <summary>Whether changes are denied.</summary>
    public bool ReadOnly => _connection.Current.IsReadOnly;

    /// <summary>What this connection may do.</summary>
    public Access Access => _connection.Current.Access;

    /// <summary>The hypervisor: QEMU, or Test.</summary>
    public string Hypervisor => VisibleText.Line(_record.HypervisorType);

    /// <summary>The hypervisor's version; null when none was found.</summary>
    public string? HypervisorVersion => VisibleText.Line(_record.HypervisorVersion);

    /// <summary>The version of Virt that answers.</summary>
    public string DaemonVersion => VisibleText.Line(_record.DaemonVersion);

    /// <summary>The processor architecture.</summary>
    public string Architecture => VisibleText.Line(_record.Node.Architecture);

    /// <summary>The processor's name.</summary>
    public string CpuModel => VisibleText.Line(_record.Node.CpuModel);

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

    /// <summary>Memory in GiB, with three digits.</summary>
    public double MemoryGB => Math.Round((double)Memory / (1L << 30), 3);

    /// <summary>Memory that was available when the host was last asked, in bytes.</summary>
    public long FreeMemory => _record.Node.FreeMemory;

    /// <summary>The kinds of secondary driver the connection has.</summary>
    string IHostColumns.HypervisorText => $"{Hypervisor} {HypervisorVersion}".Trim();

    string IHostColumns.MemoryText => ViewText.Size(Memory);

    string IHostColumns.FreeMemoryText => ViewText.Size(FreeMemory);

    internal IReadOnlyList<SecondaryDriver> SecondaryDrivers => _connection.Current.SecondaryDrivers;

    /// <summary>The URI or alias that the user asked for; null for the default.</summary>
    internal string? Requested { get; }

    /// <summary>Whether it was closed for good.</summary>
    internal bool Closed => _connection.IsClosed;

    /// <summary>The host's name.</summary>
    public override string ToString() => Name;

    /// <summary>Asks the host again for its versions and its memory.</summary>
    public void Refresh() => Blocking.Run(RefreshAsync);

    /// <summary>Closes the connection for good.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [AsyncMethodBuilder(typeof(SeldomTask<>))]
    internal static async Task<VirtHost> OpenAsync(
        string? requested, Func<CancellationToken, ValueTask<VirtConnection>> open, CancellationToken cancel)
    {
        VirtConnection connection = await open(cancel).ConfigureAwait(false);
        try
        {
            HostRecord record = await connection.Hypervisor.GetHostAsync(cancel).ConfigureAwait(false);
            return new VirtHost(requested, new HostConnection(open, connection), record);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal async Task RefreshAsync(CancellationToken cancel) => _record = await CallAsync(
        (connection, token) => connection.Hypervisor.GetHostAsync(token), cancel).ConfigureAwait(false);

    /// <summary>The open connection, opened again when it was lost.</summary>
    internal ValueTask<VirtConnection> ConnectionAsync(CancellationToken cancel) => _connection.OpenAsync(cancel);

    /// <summary>Makes a call; one that a lost connection cut off is made once more where that changes nothing twice.</summary>
    internal Task<T> CallAsync<T>(Func<VirtConnection, CancellationToken, ValueTask<T>> make, CancellationToken cancel) =>
        _connection.CallAsync(make, cancel);

    /// <summary>What is to be said of a connection that was lost and opened again, once; null for nothing.</summary>
    internal string? TakeNews() => _connection.TakeNews() is { } reason
        ? $"The connection to {Name} was lost ({reason}) and has been opened again."
        : null;

    /// <summary>Whether this is what the user means by a name or URI.</summary>
    internal bool Answers(string nameOrUri) =>
        Domains.NamePattern.IsMatch(nameOrUri, Name)
        || string.Equals(nameOrUri, Uri, StringComparison.OrdinalIgnoreCase)
        || string.Equals(nameOrUri, CanonicalUri, StringComparison.OrdinalIgnoreCase);
}
