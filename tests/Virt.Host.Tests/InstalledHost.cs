namespace Virt.Tests.Host;

/// <summary>A test host on which the package is installed, for the tests of a class.</summary>
public sealed class InstalledHost : IAsyncLifetime
{
    private TestHost? _host;

    internal TestHost Host => _host!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _host = await TestHost.RestoreAsync();
        await _host.CopyInAsync(TestHost.Package, "/root/virt.deb");
        await _host.RunAsync("dpkg -i /root/virt.deb");
        // The first answer is awaited by the first connection; this waits for all of the start.
        await _host.RunAsync("systemctl start virtd.service");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }
}
