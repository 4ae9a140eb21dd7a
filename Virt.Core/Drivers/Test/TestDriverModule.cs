using System.Globalization;
using Virt.Connections;
using Virt.Errors;

namespace Virt.Drivers.Test;

/// <summary>
/// The driver <c>test</c>: hosts and domains in memory, with QEMU's states, errors and events but without guests.
/// <c>test:///default</c> is one host for all connections of the process, and is forgotten when the last of them closes, as
/// libvirt's is; <c>test:///default?domains=N</c> is a host of its own with N more domains; <c>test:///PATH</c> is a host of
/// its own read from an XML file in the format of libvirt's test driver (https://libvirt.org/drvtest.html).
/// </summary>
public sealed class TestDriverModule : IDriverModule
{
    private const string DefaultPath = "/default";
    private const string DomainsParameter = "domains";

    private static readonly TestHostShare ProcessShare = new(new TestDriverOptions());

    private readonly TestDriverOptions _options;
    private readonly TestHostShare _share;

    /// <summary>Shares the default host with every other such module of the process.</summary>
    public TestDriverModule()
    {
        _options = new TestDriverOptions();
        _share = ProcessShare;
    }

    /// <summary>Has a default host of its own.</summary>
    public TestDriverModule(TestDriverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _share = new TestHostShare(options);
    }

    /// <inheritdoc/>
    public string Name => "test";

    /// <inheritdoc/>
    public ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Uri.Driver == Name && !request.Uri.IsRemote
            ? OpenHostAsync(request, cancel)
            : ValueTask.FromResult(DriverOpening<IDriverConnection>.Declined);
    }

    private async ValueTask<DriverOpening<IDriverConnection>> OpenHostAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        if (uri.Path is "" or "/")
            throw Unusable(uri, "the test URI has no path", "Use test:///default, or test:///PATH with the absolute path of an XML file.");
        if (uri.Path == DefaultPath)
            return Opened(request, OpenDefault(uri));
        if (!_options.FilesAllowed)
            throw Unusable(uri, "this process does not read test hosts from files", "Use test:///default.");
        TestNode node = await TestNodeFile.ReadAsync(uri.Path, cancel).ConfigureAwait(false);
        await TestAuthentication.CheckAsync(node, request.Auth, cancel).ConfigureAwait(false);
        return Opened(request, TestHostLease.Private(new TestHost(node, _options)));
    }

    private static DriverOpening<IDriverConnection> Opened(OpenRequest request, TestHostLease lease) =>
        DriverOpening<IDriverConnection>.Opened(new TestConnection(lease, request.Uri.RemoteName()));

    private TestHostLease OpenDefault(ConnectionUri uri)
    {
        if (!uri.Parameters.TryGetValue(DomainsParameter, out string? text))
            return _share.Lease();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count > _options.MaximumGenerated)
        {
            throw Unusable(
                uri, $"'{text}' is not a number of domains (0 to {_options.MaximumGenerated})", "Write for example test:///default?domains=1000.");
        }

        return TestHostLease.Private(new TestHost(TestNodeDefault.Read(count), _options));
    }

    private static VirtException Unusable(ConnectionUri uri, string message, string action) =>
        VirtException.Create(VirtErrorCode.NoConnect, $"{message}: '{uri}'", uri.ToString(), action);
}
