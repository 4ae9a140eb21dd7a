namespace Virt.Rpc;

/// <summary>Decodes the arguments, calls the target and answers. Throws what the target throws; bad arguments throw too.</summary>
/// <param name="target">The implementation of the contract.</param>
/// <param name="call">The call.</param>
/// <param name="cancel">Ends when the caller cancels or is gone.</param>
public delegate ValueTask ProcedureInvoker(object target, IIncomingCall call, CancellationToken cancel);

/// <summary>One row of the procedure table; the source generator writes a list of them for each contract.</summary>
/// <param name="Id">Program, version and number.</param>
/// <param name="Name">The contract method's name without <c>Async</c>.</param>
/// <param name="Access">What the caller must be allowed to do.</param>
/// <param name="Contract">The contract interface its target implements.</param>
/// <param name="Invoke">The way to the target.</param>
/// <param name="Subject">The argument that names the object it is about; null when there is none.</param>
/// <param name="Subscribes">Whether it is a subscription.</param>
public sealed record Procedure(
    ProcedureId Id, string Name, Access Access, Type Contract, ProcedureInvoker Invoke, SubjectArgument? Subject = null, bool Subscribes = false);
