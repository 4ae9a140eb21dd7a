using Virt.Bench.Lab;
using Virt.Bench.Report;

namespace Virt.Bench.Work;

/// <summary>What a person at a prompt waits for.</summary>
internal static class PwshWork
{
    private const int Rounds = 21;
    private const int ListRounds = 10;

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

    /// <summary>What module and first command add to a new PowerShell.</summary>
    public static async Task<IReadOnlyList<Row>> ImportAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Pwsh is null || bench.Options.Module is not { } module)
            return [];
        string uri = bench.Connection.Uri.ToString();
        string import = $"Import-Module '{Path.Combine(module, "Virt.psd1")}'; Get-VirtDomain";
        IReadOnlyList<Samples> spent = await Bench.AlternateAsync(
            Rounds, Of(import), Of($"{import} {Guests.Name(1)}"), Of("exit")).ConfigureAwait(false);
        return
        [
            new Row("Import-Module Virt and first Get-VirtDomain, over an empty pwsh", "ms", Over(0), null, null, Goal.Itself(150)),
            new Row("the same with the name of a domain, and its table", "ms", Over(1), null, null),
        ];

        Func<int, Task<IReadOnlyList<double>>> Of(string command) => async _ => [await PwshSide.RunAsync(command, uri, cancel).ConfigureAwait(false)];

        double Over(int side) => spent[side].Median - spent[2].Median;
    }
}
