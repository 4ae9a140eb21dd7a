using Virt.Streams;

namespace Virt.Rpc;

/// <summary>A call as a generated procedure sees it on the answering side.</summary>
public interface IIncomingCall
{
    /// <summary>The argument array, as it arrived; valid until the procedure's first await.</summary>
    ReadOnlyMemory<byte> Arguments { get; }

    /// <summary>Checks that the caller may do what the arguments ask for; called before the target is.</summary>
    /// <exception cref="Virt.Errors.VirtException">It may not.</exception>
    void Require(Access access);

    /// <summary>Answers with a result.</summary>
    void Reply<TResult>(TResult result, WireWriter<TResult> write);

    /// <summary>Answers with nil.</summary>
    void Reply();

    /// <summary>Sends an event frame with this call's serial; for subscriptions, from any thread.</summary>
    void SendEvent<TEvent>(TEvent value, WireWriter<TEvent> write);

    /// <summary>Answers a subscribing call and disposes the subscription when the peer cancels it or is gone.</summary>
    void Accept(IAsyncDisposable subscription);

    /// <summary>
    /// Answers a call for a stream, carries its bytes both ways, and disposes it when both directions are over, one fails, or the
    /// peer cancels it or is gone.
    /// </summary>
    void AcceptStream(VirtStream stream);
}
