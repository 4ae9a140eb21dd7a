using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>The one place that decides whether a client may make a call.</summary>
internal static class AccessRule
{
    /// <summary>Returns when the client may make calls of a procedure, whatever their arguments.</summary>
    /// <exception cref="VirtException">Why it may not; nothing of the call has been done.</exception>
    public static void Check(Procedure procedure, Session session)
    {
        if (!session.IsAuthenticated && !IsAuthentication(procedure.Id))
        {
            throw VirtException.Create(
                VirtErrorCode.AuthenticationFailed, $"{procedure.Name} needs an authenticated connection", procedure.Name,
                "Authenticate before any other call.");
        }

        Check(procedure, procedure.Access, session);
    }

    /// <summary>Returns when the client has the access that a call needs, its arguments counted.</summary>
    /// <exception cref="VirtException">What it lacks; nothing of the call has been done.</exception>
    public static void Check(Procedure procedure, Access needed, Session session)
    {
        if (session.Access.Allows(needed))
            return;

        AccessGrant grant = session.Grant;
        Access lacking = needed & ~session.Access;
        string missing = Words(lacking);
        if (session.IsReadOnly && !lacking.HasFlag(Access.Read))
        {
            throw VirtException.Create(
                VirtErrorCode.OperationDenied, $"the connection is read-only: {procedure.Name} needs the {missing}", procedure.Name,
                session.IsReadOnlySocket
                    ? "Connect to the read-write socket (virtd.sock), if you may open it."
                    : "Open the connection without the read-only flag.");
        }

        throw VirtException.Create(
            VirtErrorCode.AccessDenied, $"{procedure.Name} needs the {missing}, which {session.Identity?.Name ?? "nobody"} has not",
            procedure.Name,
            $"It has {Names(session.Access)}: {grant.Reason}. Ask the host's administrator for a role with {Names(lacking)} (access.rules in virtd.json).");
    }

    /// <summary>Classes as a person reads them.</summary>
    public static string Names(Access access) => access == Access.Handshake ? "no access class" : access.ToString();

    private static string Words(Access missing) =>
        int.PopCount((int)missing) == 1 ? $"access class {missing}" : $"access classes {missing}";

    private static bool IsAuthentication(ProcedureId id) =>
        id is
        {
            Program: RemoteProgram.Number,
            Number: RemoteProcedure.ListAuthentication or RemoteProcedure.StartAuthentication or RemoteProcedure.StepAuthentication,
        };
}
