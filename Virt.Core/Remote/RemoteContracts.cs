using System.Collections.Frozen;
using Virt.Drivers;
using Virt.Rpc;

namespace Virt.Remote;

/// <summary>The procedures of all contracts that a daemon answers.</summary>
public static class RemoteContracts
{
    private static readonly Lazy<FrozenDictionary<ProcedureId, Procedure>> ById =
        new(() => Contracts.SelectMany(contract => contract).ToFrozenDictionary(procedure => procedure.Id));

    /// <summary>One list for each contract.</summary>
    public static IReadOnlyList<IReadOnlyList<Procedure>> Contracts =>
    [
        SessionProcedures.All,
        HypervisorDriverProcedures.All,
        NetworkDriverProcedures.All,
        StorageDriverProcedures.All,
        InterfaceDriverProcedures.All,
        NodeDeviceDriverProcedures.All,
        SecretDriverProcedures.All,
        NetworkFilterDriverProcedures.All,
        AdminProcedures.All,
    ];

    /// <summary>The procedure with this address; null when no contract has it.</summary>
    internal static Procedure? Find(ProcedureId id) => ById.Value.GetValueOrDefault(id);
}
