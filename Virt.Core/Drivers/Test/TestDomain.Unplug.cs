using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Drivers.Test;

internal sealed partial class TestDomain
{
    /// <summary>
    /// Takes out a device; from a running guest once it has let go of it, which a guest that does not run never does.
    /// </summary>
    public async Task<DeviceChange> DetachAsync(XElement told, ChangeScope scope, TimeSpan timeout, CancellationToken cancel)
    {
        ChangeScope applied = default;
        XElement? device = null;
        TestRun? run = null;
        Task? released = null;
        DomainRecord record = Act(() =>
        {
            applied = Resolve(scope);
            run = _run;
            if (Changes(applied, ChangeScope.Live))
            {
                device = Find(run!.Definition, told, live: true) ?? throw DeviceErrors.Missing(Name, told, live: true);
                DeviceHotplug.Check(Name, device);
                DeviceErrors.CheckUnused(Name, device.Parent!, device);
            }

            if (Changes(applied, ChangeScope.Config))
            {
                XElement configured = Counterpart(_config!, device ?? told, told) ?? throw DeviceErrors.Missing(Name, told, live: false);
                device ??= configured;
            }

            if (Changes(applied, ChangeScope.Live))
                released = AskToRelease(run!, DeviceElement.Alias(device!)!);
            else
                Take(Without(_config!, device!));
        });
        if (released is not null)
        {
            await WaitAsync(released, device!, timeout, cancel).ConfigureAwait(false);
            record = Act(() =>
            {
                if (Changes(applied, ChangeScope.Config) && _config is not null)
                    Take(Without(_config, device!));
            });
        }

        bool inConfig = record.Persistent && applied == ChangeScope.Live && _config is { } config && Counterpart(config, device!, device!) is not null;
        return new DeviceChange(record, DeviceElement.ToXml(device!), applied, DeviceNotes.Detached(applied, record.IsActive, inConfig));
    }

    private async Task WaitAsync(Task released, XElement device, TimeSpan timeout, CancellationToken cancel)
    {
        try
        {
            await released.WaitAsync(timeout, _host.Options.Time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw DeviceErrors.Kept(Name, device, timeout);
        }
    }

    private static TestDefinition? Without(TestDefinition config, XElement device)
    {
        DomainDefinition copy = config.Parse();
        if (DeviceCounterpart.Find(copy, device, device) is not { } found)
            return null;
        found.Remove();
        MemoryDevices.Removed(copy, found);
        return TestDefinition.From(copy);
    }

    private Task AskToRelease(TestRun run, string alias)
    {
        if (!run.Releasing.TryGetValue(alias, out TaskCompletionSource? released))
            run.Releasing.Add(alias, released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_state == DomainState.Running)
            _host.AfterGuestDelay(() => Release(run));
        return released.Task;
    }

    /// <summary>The guest lets go of all it was asked for, unless its run is over or it does not run now; then resuming asks again.</summary>
    private void Release(TestRun run)
    {
        if (_gone || Volatile.Read(ref _run) != run)
            return;
        Act(() =>
        {
            if (_run != run || _state != DomainState.Running || run.Releasing.Count == 0)
                return;
            DomainDefinition live = WithAliases(run.Definition);
            foreach ((string alias, TaskCompletionSource released) in run.Releasing)
            {
                if (live.Section("devices").Elements().FirstOrDefault(device => DeviceElement.Alias(device) == alias) is { } gone)
                {
                    gone.Remove();
                    MemoryDevices.Removed(live, gone);
                }

                released.TrySetResult();
            }

            run.Releasing.Clear();
            run.Definition = TestDefinition.From(live);
        });
    }
}
