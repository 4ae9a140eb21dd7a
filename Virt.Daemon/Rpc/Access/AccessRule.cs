using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>The one place that decides whether a client may make a call.</summary>
internal static class AccessRule
{
    /// <summary>Returns when the client may.</summary>
    /// <exception cref="VirtException">Why it may not; nothing of the call has been done.</exception>
    public static void Check(Procedure procedure, Peer peer, Session session)
    {
        if (!session.IsAuthenticated && !IsAuthentication(procedure.Id))
        {
            throw VirtException.Create(
                VirtErrorCode.AuthenticationFailed, $"{procedure.Name} needs an authenticated connection", procedure.Name,
                "Authenticate before any other call.");
        }

        switch (procedure.Access)
        {
            case Access.Handshake or Access.Read:
                return;
            case Access.Admin when !peer.MayAdminister:
                throw VirtException.Create(
                    VirtErrorCode.OperationDenied, $"{procedure.Name} is for the daemon's administrator", procedure.Name,
                    "Use the read-write unix socket, as root or as the user virtd runs as.");
            case Access.Admin:
                return;
            default:
                if (session.IsReadOnly)
                    throw AccessDenial.Of(procedure.Name);
                return;
        }
    }

    private static bool IsAuthentication(ProcedureId id) =>
        id is
        {
            Program: RemoteProgram.Number,
            Number: RemoteProcedure.ListAuthentication or RemoteProcedure.StartAuthentication or RemoteProcedure.StepAuthentication,
        };
}
