using Microsoft.Extensions.Logging;
using Virt.Errors;
using Virt.Native;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>
/// Takes one client's calls to the procedures. They run at the same time: each starts on the receive loop and leaves it with its
/// first wait, so a slow call does not hold a quick one.
/// </summary>
internal sealed class CallDispatcher(ServerClient client, Server server, VirtException? refusal)
{
    private readonly ILogger _logger = server.Logger;
    private readonly ClientCalls _calls = client.Calls;

    /// <summary>Starts a call.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="body">Its arguments; valid until this returns.</param>
    /// <exception cref="InvalidDataException">Its serial belongs to another call.</exception>
    public void Dispatch(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        IncomingCall call = new(client, header, body);
        Procedure? procedure = null;
        CallContext? context = null;
        _calls.CheckSerial(header.Serial);
        if (client.Streams.Has(header.Serial))
            throw new InvalidDataException($"serial {header.Serial} belongs to an open stream");
        try
        {
            Admit(body.Length);
            procedure = server.Procedures.Find(header.Procedure);
            call.Begin(procedure);
            if (procedure.Subscribes)
                _calls.CheckSubscriptions();
            context = CallContext.Enter(client, procedure.Name);
            ValueTask running = procedure.Invoke(client.Session.Target(procedure), call, call.Cancel);
            call.ReleaseArguments();
            if (!running.IsCompleted)
            {
                _calls.Add(call);
                _ = FinishAsync(procedure, call, context, running);
                return;
            }

            running.GetAwaiter().GetResult();
            Complete(call);
        }
        catch (Exception e)
        {
            Fail(procedure, call, e);
        }
        finally
        {
            CallContext.Leave();
        }

        context?.End();
        server.CountCall();
    }

    /// <summary>Decides whether one more call is taken.</summary>
    /// <exception cref="VirtException">Not now, or not from this client.</exception>
    private void Admit(int arguments)
    {
        if (refusal is not null)
            throw refusal;
        if (_calls.IsDraining)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationAborted, "the daemon is shutting down", recommendedAction: "Try again when it is back.");
        }

        int inFlight = _calls.Count + client.Streams.Count;
        if (inFlight >= server.Limits.CallsPerClient)
        {
            throw VirtException.Create(
                VirtErrorCode.ResourceLimit,
                $"this client has {inFlight} unanswered calls, subscriptions and streams, and that is the daemon's limit",
                recommendedAction: "Wait for answers before calling again, or raise limits.callsPerClient in virtd.json.");
        }

        long held = client.Connection.HeldBytes + _calls.ArgumentBytes + client.Streams.ReservedBytes + arguments;
        if (held > server.Limits.MemoryPerClient)
        {
            throw VirtException.Create(
                VirtErrorCode.ResourceLimit,
                $"{held >> 20} MiB would be held for this client, and {server.Limits.MemoryPerClient >> 20} MiB is the daemon's limit",
                recommendedAction: "Wait for answers before calling again, or raise limits.memoryPerClientMiB in virtd.json.");
        }
    }

    private async Task FinishAsync(Procedure procedure, IncomingCall call, CallContext context, ValueTask running)
    {
        try
        {
            await running.ConfigureAwait(false);
            Complete(call);
        }
        catch (Exception e)
        {
            Fail(procedure, call, e);
        }

        context.End();
        server.CountCall();
        _calls.Remove(call);
    }

    private void Complete(IncomingCall call)
    {
        call.Complete();
        server.Audit.Answered(client, call, error: null);
    }

    private void Fail(Procedure? procedure, IncomingCall call, Exception error)
    {
        ErrorRecord record = Explain(error, procedure, call);
        server.Audit.Answered(client, call, record.Code);
        call.Fail(record);
        client.AfterFailure();
    }

    private ErrorRecord Explain(Exception error, Procedure? procedure, IncomingCall call)
    {
        string name = procedure?.Name ?? "unknown procedure";
        ErrorRecord record = error switch
        {
            VirtException => ErrorRecord.From(error),
            OperationCanceledException when call.Cancel.IsCancellationRequested => ErrorRecord.From(error),
            _ when LibC.Advice(error) is not null => new(VirtErrorCode.SystemError, $"virtd failed in {name}: {error.Message}", name, null),
            _ => new(
                VirtErrorCode.InternalError, $"virtd failed in {name}: {error.Message}", name,
                "The log of virtd has the details; please report them."),
        };
        // Whatever was under way when descriptors ran out, it is not to blame.
        if (LibC.Advice(error) is { } advice)
            record = record with { RecommendedAction = advice };
        if (record.Code == VirtErrorCode.InternalError && error is not VirtException)
            RpcLog.CallBroke(_logger, name, client.Id, error);
        else
            RpcLog.CallFailed(_logger, name, client.Id, record.Code, record.Message);
        return record;
    }
}
