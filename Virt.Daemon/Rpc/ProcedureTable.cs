using System.Collections.Frozen;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>Every procedure the daemon answers, by program, version and number.</summary>
internal sealed class ProcedureTable
{
    private readonly FrozenDictionary<ProcedureId, Procedure> _rows;
    private readonly FrozenSet<(int Program, int Version)> _versions;

    /// <summary>Makes a table.</summary>
    /// <exception cref="InvalidOperationException">Two procedures have one number.</exception>
    public ProcedureTable(params IEnumerable<IReadOnlyList<Procedure>> contracts)
    {
        Dictionary<ProcedureId, Procedure> rows = [];
        foreach (Procedure row in contracts.SelectMany(contract => contract))
        {
            if (!rows.TryAdd(row.Id, row))
                throw new InvalidOperationException($"{row.Id} is both {rows[row.Id].Name} and {row.Name}");
        }

        _rows = rows.ToFrozenDictionary();
        _versions = rows.Keys.Select(id => (id.Program, id.Version)).ToFrozenSet();
    }

    /// <summary>The table of all contracts.</summary>
    public static ProcedureTable Create() => new(RemoteContracts.Contracts);

    /// <summary>Finds a procedure.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.RpcError"/>, saying what is unknown.</exception>
    public Procedure Find(ProcedureId id)
    {
        if (_rows.TryGetValue(id, out Procedure? row))
            return row;

        int[] versions = [.. _versions.Where(known => known.Program == id.Program).Select(known => known.Version).Order()];
        string message = versions.Length == 0
            ? $"this daemon has no program {id.Program}"
            : !versions.Contains(id.Version)
                ? $"this daemon has version {string.Join(", ", versions)} of program {id.Program}, not version {id.Version}"
                : $"this daemon has no procedure {id.Number} in program {id.Program} version {id.Version}";
        throw VirtException.Create(
            VirtErrorCode.RpcError, message, recommendedAction: "Use client and daemon of matching versions; one of them is older.");
    }
}
