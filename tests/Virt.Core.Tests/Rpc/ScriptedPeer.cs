using System.Threading.Channels;
using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Rpc.Streams;
using Virt.Streams;

namespace Virt.Tests.Core.Rpc;

/// <summary>The other end of an RpcClient: a test reads the frames that come and sends what it likes.</summary>
internal sealed class ScriptedPeer : IFrameHandler, IAsyncDisposable
{
    private readonly Channel<(FrameHeader Header, byte[] Body)> _frames = Channel.CreateUnbounded<(FrameHeader, byte[])>();
    private readonly CancellationTokenSource _time = new(TimeSpan.FromSeconds(30));

    public ScriptedPeer(RpcConnectionOptions? clientOptions = null, Action<Exception>? report = null)
    {
        (Stream mine, Stream theirs) = InMemoryPair.Create();
        Connection = new RpcConnection(mine, this, new() { KeepaliveInterval = TimeSpan.Zero });
        Connection.AcceptLargeFrames();
        Connection.Start();
        Client = new RpcClient(theirs, clientOptions ?? new() { KeepaliveInterval = TimeSpan.Zero }, report);
    }

    public RpcClient Client { get; }

    public RpcConnection Connection { get; }

    public CancellationToken Time => _time.Token;

    public static ProcedureId Procedure { get; } = new(1, 1, 77);

    public ValueTask<string> CallAsync(string text, CancellationToken cancel) => CallAsync(Client, text, cancel);

    public static ValueTask<string> CallAsync(IRpcCaller caller, string text, CancellationToken cancel) =>
        caller.CallAsync(Procedure, text, WriteText, ReadText, cancel);

    public ValueTask<string> CallAsync(ProcedureId procedure, string text) =>
        ((IRpcCaller)Client).CallAsync(procedure, text, WriteText, ReadText, Time);

    public ValueTask<IAsyncDisposable> SubscribeAsync(Action<string> handler) =>
        Client.SubscribeAsync(Procedure, "subscribe", WriteText, ReadText, handler, Time);

    public ValueTask<VirtStream> OpenStreamAsync(CancellationToken cancel) => Client.OpenStreamAsync(Procedure, "open", WriteText, cancel);

    /// <summary>Lets the client open a stream, and answers as a daemon does.</summary>
    public async Task<(VirtStream Stream, FrameHeader Call)> AcceptStreamAsync()
    {
        Client.AcceptLargeFrames();
        Task<VirtStream> opening = OpenStreamAsync(Time).AsTask();
        FrameHeader call = await NextAsync(FrameType.Call);
        Connection.Send(call.Reply(FrameStatus.Continue));
        return (await opening, call);
    }

    public void Data(FrameHeader call, params byte[] data) =>
        Connection.Send(call with { Type = FrameType.Stream }, (ReadOnlyMemory<byte>)data, StreamFrame.WriteData);

    public void Credit(FrameHeader call, int credit) =>
        Connection.Send(call with { Type = FrameType.Stream }, credit, StreamFrame.WriteCredit);

    public void End(FrameHeader call) => Connection.Send(call with { Type = FrameType.Stream });

    public async Task<(FrameHeader Header, byte[] Body)> NextFrameAsync() => await _frames.Reader.ReadAsync(Time);

    public async Task<FrameHeader> NextAsync() => (await _frames.Reader.ReadAsync(Time)).Header;

    public async Task<FrameHeader> NextAsync(FrameType type)
    {
        FrameHeader header = await NextAsync();
        Assert.Equal(type, header.Type);
        return header;
    }

    public void Reply(FrameHeader call, string text) => Connection.Send(call.Reply(FrameStatus.Ok), text, WriteText);

    public void Event(FrameHeader call, string text) => Connection.Send(call with { Type = FrameType.Event }, text, WriteText);

    public bool HasFrame => _frames.Reader.TryPeek(out _);

    void IFrameHandler.OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body) => _frames.Writer.TryWrite((header, body.ToArray()));

    void IFrameHandler.OnClosed(string reason) => _frames.Writer.TryComplete();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Connection.DisposeAsync();
        _time.Dispose();
    }

    private static void WriteText(ref PackWriter writer, string text) => writer.Write(text);

    private static string ReadText(ref PackReader reader) => reader.ReadString();
}
