using System.Diagnostics;
using Virt.Daemon.Rpc.Audit;
using Virt.Errors;
using Virt.Rpc;
using Virt.Streams;

namespace Virt.Daemon.Rpc;

#pragma warning disable CA1001 // a token source without timer and link holds nothing that must be given back
/// <summary>One call of a client, from its frame to its answer; of a subscribing call, to the end of the subscription.</summary>
internal sealed class IncomingCall(ServerClient client, FrameHeader header, ReadOnlyMemory<byte> arguments) : IIncomingCall
{
    private readonly CancellationTokenSource _cancel = new();
    private bool _answered;
    private bool _ended;

    public int Serial => header.Serial;

    public CancellationToken Cancel => _cancel.Token;

    /// <summary>Whether the client has given it up; guarded by the client's lock.</summary>
    public bool IsCancelled { get; private set; }

    public IAsyncDisposable? Subscription { get; private set; }

    public ReadOnlyMemory<byte> Arguments { get; private set; } = arguments;

    /// <summary>What is called; null until it is found.</summary>
    public Procedure? Procedure { get; private set; }

    /// <summary>The access it needs, as far as is known.</summary>
    public Access Needed { get; private set; }

    /// <summary>Whether the client may make it.</summary>
    public bool IsPermitted { get; private set; }

    /// <summary>The object it is about, for the audit log; null when there is none or nobody wants to know.</summary>
    public Subject? Subject { get; private set; }

    /// <summary>When it came, in ticks of <see cref="Stopwatch"/>.</summary>
    public long StartedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>The procedure is found; checks that the client may call it.</summary>
    /// <exception cref="VirtException">It may not.</exception>
    public void Begin(Procedure procedure)
    {
        Procedure = procedure;
        Needed = procedure.Access;
        if (client.Audits(Needed) || !client.Session.Access.Allows(Needed))
            Subject = SubjectReader.Read(procedure.Subject, Arguments);
        AccessRule.Check(procedure, client.Session);
        IsPermitted = true;
        if (Subject is { Kind: "domain", Name: null, Uuid: { } uuid } domain)
            Subject = domain with { Name = client.Session.DomainName(uuid) };
    }

    public void Require(Access access)
    {
        Needed |= access;
        IsPermitted = false;
        if (Subject is null && client.Audits(Needed))
            Subject = SubjectReader.Read(Procedure!.Subject, Arguments);
        AccessRule.Check(Procedure!, access, client.Session);
        IsPermitted = true;
    }

    /// <summary>The length of the arguments as they came; what they are decoded to is held until the answer.</summary>
    public int ArgumentBytes { get; } = arguments.Length;

    /// <summary>The frame's buffer is about to be used again.</summary>
    public void ReleaseArguments() => Arguments = default;

    /// <summary>Marks it as given up, under the client's lock.</summary>
    public void MarkCancelled() => IsCancelled = true;

    /// <summary>Tells the procedure; on other threads, as what it registered may take long.</summary>
    public Task CancelAsync() => _cancel.CancelAsync();

    public void Reply<TResult>(TResult result, WireWriter<TResult> write)
    {
        if (result is ISubject about && client.Audits(Needed))
            Subject = about.Subject;
        try
        {
            client.Connection.Send(header.Reply(FrameStatus.Ok), result, write);
        }
        catch (VirtException e) when (e.Code == VirtErrorCode.ResourceLimit)
        {
            RpcLog.ReplyTooLong(client.Logger, Procedure!.Name, client.Id, e.Message);
            throw;
        }

        _answered = true;
    }

    public void Reply()
    {
        client.Connection.Send(header.Reply(FrameStatus.Ok));
        _answered = true;
    }

    public void SendEvent<TEvent>(TEvent value, WireWriter<TEvent> write)
    {
        if (Volatile.Read(ref _ended))
            return;
        client.SendEvent(header with { Type = FrameType.Event }, value, write);
    }

    public void Accept(IAsyncDisposable subscription)
    {
        Subscription = subscription;
        try
        {
            client.Calls.Keep(this);
        }
        catch
        {
            Subscription = null;
            End();
            client.DisposeLater(subscription);
            throw;
        }

        Reply();
    }

    public void AcceptStream(VirtStream stream)
    {
        StreamRelay relay = new(client, header, stream);
        try
        {
            client.Streams.Add(relay);
            if (IsCancelled)
                throw new OperationCanceledException(Cancel);
            client.Connection.Send(header.Reply(FrameStatus.Continue));
            _answered = true;
        }
        catch
        {
            relay.Abort();
            throw;
        }
        finally
        {
            relay.Start();
        }
    }

    /// <summary>No event is sent from now on.</summary>
    public void End() => Volatile.Write(ref _ended, true);

    /// <summary>Checks that the procedure has answered.</summary>
    public void Complete()
    {
        if (!_answered)
            throw new InvalidOperationException("the procedure did not answer");
        if (Subscription is null)
            End();
    }

    /// <summary>Answers with an error, unless there is an answer already.</summary>
    public void Fail(ErrorRecord error)
    {
        End();
        if (_answered)
            return;
        _answered = true;
        try
        {
            client.Connection.Send(header.Reply(FrameStatus.Error), error, ErrorRecordCodec.Write);
        }
        catch (VirtException)
        {
            // The connection has ended; nobody waits for the answer.
        }
    }
}
