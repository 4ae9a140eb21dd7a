using System.Xml.Linq;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Chaos;

/// <summary>Looks at a daemon that was started again: domains, processes and files against what the models allow.</summary>
internal sealed class Inspector(string root, GuestUsers? users, ChaosReport report)
{
    private string Definitions => Path.Combine(root, "etc/virt/qemu");

    private string Run => Path.Combine(root, "run/virt/qemu");

    /// <summary>Settles each worker on what its domain is, and reports what must not be.</summary>
    public async Task InspectAsync(IHypervisorDriver host, IReadOnlyList<Worker> workers, int round, CancellationToken cancel)
    {
        await FinishEndingsAsync(host, workers, cancel).ConfigureAwait(false);
        IReadOnlyList<DomainRecord> records = await host.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false);
        ILookup<Guid, DomainRecord> byUuid = records.ToLookup(record => record.Uuid);
        foreach (Worker worker in workers)
        {
            Guid uuid = worker.Possible[0].Uuid;
            GuestModel actual = await ReadAsync(host, uuid, byUuid[uuid].SingleOrDefault(), cancel).ConfigureAwait(false);
            GuestModel? match = worker.Possible.FirstOrDefault(guest => guest.LooksLike(actual));
            if (match is null)
                report.Violate($"round {round}, after '{worker.Cut?.Name}': {actual}, which is none of {string.Join(" | ", worker.Possible)}");
            worker.Settle(match ?? actual);
        }

        GuestModel[] guests = [.. workers.Select(worker => worker.Possible[0])];
        Expect(round, "domains", records.Select(record => record.Uuid.ToString()), guests.Where(guest => guest.IsDefined).Select(guest => guest.Uuid.ToString()));
        Expect(round, "QEMU processes", QemuProcesses.Find(root).Select(process => process.Uuid.ToString()), guests.Where(guest => guest.IsActive).Select(guest => guest.Uuid.ToString()));
        foreach (string wrong in users?.WrongOf(QemuProcesses.Find(root)) ?? [])
            report.Violate($"round {round}: {wrong}");
        ExpectFiles(round, guests);
    }

    // Who turned a guest off and was not answered does so again. What happens to a process that is on its way out is not to be known.
    private static async Task FinishEndingsAsync(IHypervisorDriver host, IReadOnlyList<Worker> workers, CancellationToken cancel)
    {
        foreach (Worker worker in workers.Where(worker => worker.Cut is { Name: "destroy" }))
        {
            try
            {
                await host.DestroyDomainAsync(worker.Possible[0].Uuid, DestroyOptions.None, cancel).ConfigureAwait(false);
            }
            catch (VirtException off) when (off.Code == VirtErrorCode.OperationInvalid)
            {
                // It was done.
            }
        }
    }

    private static async Task<GuestModel> ReadAsync(IHypervisorDriver host, Guid uuid, DomainRecord? record, CancellationToken cancel)
    {
        if (record is null)
            return new GuestModel(uuid);
        string persistent = await host.GetDomainXmlAsync(uuid, XmlOptions.Inactive, cancel).ConfigureAwait(false);
        string live = await host.GetDomainXmlAsync(uuid, XmlOptions.None, cancel).ConfigureAwait(false);
        Power power = record.State switch
        {
            DomainState.Running => Power.Running,
            DomainState.Paused => Power.Paused,
            DomainState.Shutoff => Power.Off,
            _ => throw new InvalidOperationException($"{record.Name} is {record.State}"),
        };
        return new GuestModel(
            uuid, record.Name, (string?)XElement.Parse(persistent).Element("title"), power, record.HasSavedState,
            Plugged: power != Power.Off && XElement.Parse(live).Descendants("target").Any(target => (string?)target.Attribute("dev") == "sdb"), Autostart: record.Autostart);
    }

    private void ExpectFiles(int round, GuestModel[] guests)
    {
        GuestModel[] active = [.. guests.Where(guest => guest.IsActive)];
        Expect(round, "definitions", Names(Definitions), [.. guests.Where(guest => guest.IsDefined).Select(guest => guest.Name + ".xml"), "autostart"]);
        Expect(round, "autostart marks", Names(Path.Combine(Definitions, "autostart")), guests.Where(guest => guest.Autostart).Select(guest => guest.Name + ".xml"));
        Expect(round, "run files", Names(Run), [.. active.Select(guest => guest.Name + ".status"), .. active.Select(guest => guest.Uuid.ToString("D")), "autostarted"]);
        Expect(round, "spare statuses", Names(Path.Combine(root, "run/virt/qemu-spare")), active.Select(guest => guest.Uuid.ToString("D") + ".status"));
        Expect(round, "saved states", Names(Path.Combine(root, "var/lib/virt/qemu/save")), guests.Where(guest => guest.Saved).SelectMany(guest => new[] { guest.Name + ".mem", guest.Name + ".save" }));
        Expect(round, "sockets", Names(Path.Combine(root, "run/virt")).Where(name => name.EndsWith(".sock", StringComparison.Ordinal)), ["virtd.sock", "virtd-ro.sock"]);
    }

    private static IEnumerable<string> Names(string folder) => Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path));

    private void Expect(int round, string what, IEnumerable<string> actual, IEnumerable<string> expected)
    {
        string[] there = [.. actual.Order(StringComparer.Ordinal)], wanted = [.. expected.Order(StringComparer.Ordinal)];
        if (!there.SequenceEqual(wanted))
            report.Violate($"round {round}, {what}: too many [{string.Join(", ", there.Except(wanted))}], missing [{string.Join(", ", wanted.Except(there))}] ({there.Length} of {wanted.Length})");
    }
}
