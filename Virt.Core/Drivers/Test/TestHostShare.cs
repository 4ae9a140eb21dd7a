namespace Virt.Drivers.Test;

/// <summary>The default host: made for the first connection, forgotten with the last.</summary>
internal sealed class TestHostShare(TestDriverOptions options)
{
    private readonly Lock _gate = new();
    private TestHost? _host;
    private int _leases;

    public TestHostLease Lease()
    {
        lock (_gate)
        {
            _host ??= new TestHost(TestNodeDefault.Read(0), options);
            _leases++;
            return new TestHostLease(_host, Return);
        }
    }

    private void Return()
    {
        TestHost? ended = null;
        lock (_gate)
        {
            if (--_leases == 0)
                (ended, _host) = (_host, null);
        }

        ended?.Dispose();
    }
}

/// <summary>One connection's hold on a host.</summary>
internal sealed class TestHostLease(TestHost host, Action giveBack)
{
    private int _returned;

    public TestHost Host => host;

    public static TestHostLease Private(TestHost host) => new(host, host.Dispose);

    public void Return()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            giveBack();
    }
}
