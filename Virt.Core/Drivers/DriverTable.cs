using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Errors;

namespace Virt.Drivers;

/// <summary>The drivers of a process in the order they are asked; the remote driver comes last.</summary>
public sealed class DriverTable
{
    private readonly IReadOnlyList<IDriverModule> _modules;

    /// <summary>Makes a table; the order is the order of asking.</summary>
    public DriverTable(params IReadOnlyList<IDriverModule> modules) => _modules = [.. modules];

    /// <summary>The modules in order.</summary>
    public IReadOnlyList<IDriverModule> Modules => _modules;

    /// <summary>Asks each module in turn; the first that opens wins, an error ends the walk.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoConnect"/> when all decline.</exception>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public async ValueTask<IDriverConnection> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (IDriverModule module in _modules)
        {
            cancel.ThrowIfCancellationRequested();
            DriverOpening<IDriverConnection> opening = await module.OpenAsync(request, cancel).ConfigureAwait(false);
            if (opening.Driver is { } connection)
                return connection;
        }

        throw VirtException.Create(
            VirtErrorCode.NoConnect,
            $"no driver serves the URI '{request.Uri}'",
            request.Uri.ToString(),
            $"Use one of the drivers {string.Join(", ", _modules.Select(module => module.Name))}; for example qemu:///system or test:///default.");
    }

    /// <summary>Asks the hypervisor's own connection, then each module in turn; none is no error.</summary>
    /// <typeparam name="T">The secondary driver's contract.</typeparam>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public async ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(
        IDriverConnection primary, OpenRequest request, CancellationToken cancel)
        where T : class, IAsyncDisposable
    {
        ArgumentNullException.ThrowIfNull(primary);
        DriverOpening<T> opening = await primary.OpenSecondaryAsync<T>(cancel).ConfigureAwait(false);
        for (int i = 0; i < _modules.Count && opening.IsDeclined; i++)
            opening = await _modules[i].OpenSecondaryAsync<T>(primary, request, cancel).ConfigureAwait(false);
        return opening;
    }
}
