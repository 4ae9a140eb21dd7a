using System.Diagnostics;
using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.Daemon.Hosting;

/// <summary>Ends all guests of a host that shuts down, side by side, each in the first of the configured ways that works for it.</summary>
/// <param name="hypervisor">The daemon.</param>
/// <param name="config">The ways and the time.</param>
/// <param name="marks">Takes the guests that were saved.</param>
/// <param name="output">Told what became of each.</param>
internal sealed class GuestsEnding(IHypervisorDriver hypervisor, GuestsConfig config, HostSaveMarks marks, TextWriter output) : IDisposable
{
    // The disk is one for all.
    private const int SavesAtOnce = 2;

    private readonly SemaphoreSlim _saves = new(SavesAtOnce);
    private readonly TimeSpan _limit = TimeSpan.FromSeconds(config.ShutdownSeconds);
    private readonly Stopwatch _time = Stopwatch.StartNew();

    /// <summary>Ends them.</summary>
    /// <returns>Whether none is left.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        // Before one looks at who runs, so that no end is missed.
        EndedGuests ends = await EndedGuests.ListenAsync(hypervisor, cancel).ConfigureAwait(false);
        await using (ends.ConfigureAwait(false))
        {
            IReadOnlyList<DomainRecord> guests = await hypervisor.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false);
            bool[] ended = await Task.WhenAll(guests.Where(guest => guest.IsActive).Select(guest => EndAsync(guest, ends, cancel))).ConfigureAwait(false);
            return ended.All(one => one);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _saves.Dispose();

    private async Task<bool> EndAsync(DomainRecord guest, EndedGuests ends, CancellationToken cancel)
    {
        // One that does not run cannot react to its power button.
        IReadOnlyList<GuestEnding> ways = guest.State == DomainState.Running || config.OnHostShutdown.Count == 0 ? config.OnHostShutdown : [GuestEnding.Save];
        foreach (GuestEnding way in ways)
        {
            if (await TryAsync(way, guest, ends, cancel).ConfigureAwait(false))
                return true;
        }

        try
        {
            await hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, cancel).ConfigureAwait(false);
        }
        catch (VirtException failed) when (failed.Code != VirtErrorCode.OperationInvalid && failed.Code != VirtErrorCode.NoDomain)
        {
            Tell(guest, $"it could not be turned off: {failed.Message}");
            return false;
        }
        catch (VirtException)
        {
            // It has ended meanwhile.
        }

        Tell(guest, "turned off");
        return true;
    }

    private async Task<bool> TryAsync(GuestEnding way, DomainRecord guest, EndedGuests ends, CancellationToken cancel)
    {
        try
        {
            return way == GuestEnding.Save
                ? await SaveAsync(guest, cancel).ConfigureAwait(false)
                : await ShutDownAsync(guest, ends, cancel).ConfigureAwait(false);
        }
        catch (VirtException failed)
        {
            Tell(guest, failed.Message);
            return false;
        }
    }

    private async Task<bool> ShutDownAsync(DomainRecord guest, EndedGuests ends, CancellationToken cancel)
    {
        await hypervisor.ShutdownDomainAsync(guest.Uuid, ShutdownMode.Default, cancel).ConfigureAwait(false);
        TimeSpan left = _limit - _time.Elapsed;
        bool ended = await ends.ComesAsync(guest.Uuid, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancel).ConfigureAwait(false);
        Tell(guest, ended ? "shut down" : string.Create(CultureInfo.InvariantCulture, $"it has not shut down within {config.ShutdownSeconds} s"));
        return ended;
    }

    private async Task<bool> SaveAsync(DomainRecord guest, CancellationToken cancel)
    {
        await _saves.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // The mark first: a save without it would stay unnoticed, a mark without a save says nothing.
            marks.Add(guest.Uuid);
            await hypervisor.SaveDomainAsync(guest.Uuid, cancel).ConfigureAwait(false);
        }
        catch (VirtException)
        {
            marks.Remove(guest.Uuid);
            throw;
        }
        finally
        {
            _saves.Release();
        }

        Tell(guest, "saved");
        return true;
    }

    private void Tell(DomainRecord guest, string what) => output.WriteLine(VisibleText.Line($"{guest.Name}: {what}"));
}
