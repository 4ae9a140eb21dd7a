using Virt.Errors;
using Virt.Remote;

namespace Virt.Rpc;

/// <summary>The error of a call whose connection has ended: it says what is known of the call's outcome.</summary>
internal static class LostCall
{
    /// <param name="id">The procedure that was called.</param>
    /// <param name="sent">Whether any of the call may have gone out.</param>
    /// <param name="reason">Why the connection ended.</param>
    public static VirtConnectionException Of(ProcedureId id, bool sent, string reason)
    {
        Procedure? procedure = RemoteContracts.Find(id);
        CallOutcome outcome = !sent ? CallOutcome.NotSent
            : procedure?.Access is Access.Handshake or Access.Read ? CallOutcome.NoEffect
            : CallOutcome.Unknown;
        string name = procedure?.Name ?? $"procedure {id.Number}";
        (string message, string action) = outcome switch
        {
            CallOutcome.NotSent => (
                $"the connection ended before {name} was sent: {reason}", "Nothing was done. Connect again and repeat it."),
            CallOutcome.NoEffect => (
                $"the connection ended during {name}: {reason}", "Nothing was changed. Connect again and repeat it."),
            _ => (
                $"the connection ended during {name}, which may have been carried out: {reason}",
                "Connect again and look at the state before you repeat it."),
        };
        return new VirtConnectionException(VirtErrorCode.RpcError, message, null, action) { Outcome = outcome };
    }
}
