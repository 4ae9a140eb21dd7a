using Virt.Bench.Lab;
using Virt.Bench.Report;

namespace Virt.Bench.Work;

/// <summary>What a person at a prompt waits for.</summary>
internal static class PwshWork
{
    private const int Rounds = 21;
    private const int ListRounds = 10;
    private const string First = "Get-VirtDomain";

    /// <summary>The list inside a PowerShell that is warm, against libvirt's list with info.</summary>
    public static async Task<IReadOnlyList<Row>> ListAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Pwsh is not { } pwsh)
            return [];
        await pwsh.DoAsync("list", cancel, ("count", 30)).ConfigureAwait(false);
        IReadOnlyList<Samples> spent = await Bench.AlternateAsync(
            ListRounds,
            _ => pwsh.DoAsync("list", cancel, ("count", 3)),
            bench.Libvirt is { } libvirt ? _ => libvirt.DoAsync("list_info", cancel, ("count", 1)) : null).ConfigureAwait(false);
        return
        [
            CallsWork.Of($"Get-VirtDomain -All of {Table.Count(bench.Options.Domains)}, warm pwsh; libvirt: list with info", spent, 1000, "ms", Goal.Libvirt(0.15)),
        ];
    }

    /// <summary>What module and first command add to a new PowerShell: as any machine loads it, and compiled ahead for this one.</summary>
    public static async Task<IReadOnlyList<Row>> ImportAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Pwsh is null || bench.Options.Module is not { } module)
            return [];
        string uri = bench.Connection.Uri.ToString();
        string anywhere = Import(module);
        string? ready = bench.Options.ReadyModule is { } folder ? Import(folder) : null;
        IReadOnlyList<Samples> spent = await Bench.AlternateAsync(
            Rounds, Of("exit"), Of(anywhere), Of($"{anywhere}; {First}"), Of($"{anywhere}; {First} {Guests.Name(1)}"),
            ready is null ? null : Of(ready), ready is null ? null : Of($"{ready}; {First}")).ConfigureAwait(false);
        List<Row> rows =
        [
            new("Import-Module Virt, over an empty pwsh", "ms", Over(1), null, null),
            new("the same and the first Get-VirtDomain", "ms", Over(2), null, null, Goal.Itself(200)),
            new("the same with the name of a domain, and its table", "ms", Over(3), null, null),
        ];
        if (ready is not null)
        {
            rows.Add(new("Import-Module Virt, compiled ahead (.deb), over an empty pwsh", "ms", Over(4), null, null));
            rows.Add(new("the same and the first Get-VirtDomain", "ms", Over(5), null, null, Goal.Itself(150)));
        }

        return rows;

        Func<int, Task<IReadOnlyList<double>>> Of(string command) => async _ => [await PwshSide.RunAsync(command, uri, cancel).ConfigureAwait(false)];

        static string Import(string module) => $"Import-Module '{Path.Combine(module, "Virt.psd1")}'";

        double Over(int side) => spent[side].Median - spent[0].Median;
    }
}
