using System.Reflection;
using Virt.Rpc;

namespace Virt.Tests.Core.Contract;

/// <summary>The contracts of the library and what the generator made of them.</summary>
internal static class Contracts
{
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(RpcContractAttribute).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RpcContractAttribute)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Procedure> Procedures { get; } = [.. All.SelectMany(ProceduresOf)];

    public static TheoryData<string> ProcedureNames => [.. Procedures.Select(procedure => procedure.Name)];

    public static Procedure Procedure(string name) => Procedures.Single(procedure => procedure.Name == name);

    public static MethodInfo Method(Procedure procedure) => procedure.Contract.GetMethods()
        .Single(method => method.GetCustomAttribute<ProcedureAttribute>()?.Number == procedure.Id.Number);

    public static bool IsSubscription(MethodInfo method) => method.ReturnType == typeof(ValueTask<IAsyncDisposable>);

    public static bool IsStream(MethodInfo method) => method.ReturnType == typeof(ValueTask<Virt.Streams.VirtStream>);

    public static object Stub(Type contract, IRpcCaller caller) => Activator.CreateInstance(Generated(contract, "Stub"), caller)!;

    public static object Guard(Type contract, object inner, Access granted) =>
        Activator.CreateInstance(Generated(contract, "Guard"), inner, granted)!;

    /// <summary>Calls a contract's method and gives its result, null for none.</summary>
    public static async Task<object?> CallAsync(MethodInfo method, object target, object?[] arguments)
    {
        object task = method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        if (task is ValueTask plain)
        {
            await plain;
            return null;
        }

        var running = (Task)task.GetType().GetMethod("AsTask")!.Invoke(task, null)!;
        await running;
        return running.GetType().GetProperty("Result")!.GetValue(running);
    }

    private static IReadOnlyList<Procedure> ProceduresOf(Type contract) =>
        (IReadOnlyList<Procedure>)Generated(contract, "Procedures").GetProperty("All")!.GetValue(null)!;

    private static Type Generated(Type contract, string suffix) =>
        contract.Assembly.GetType($"{contract.Namespace}.{contract.Name[1..]}{suffix}", throwOnError: true)!;
}
