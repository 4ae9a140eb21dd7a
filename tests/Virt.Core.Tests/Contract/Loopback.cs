using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Streams;

namespace Virt.Tests.Core.Contract;

/// <summary>Carries a stub's calls through bytes to a procedure table, without a connection.</summary>
internal sealed class Loopback(object target) : IRpcCaller
{
    /// <summary>The procedure of the last call.</summary>
    public ProcedureId Called { get; private set; }

    /// <summary>The access that the arguments of the last call asked for.</summary>
    public Access Required { get; private set; }

    /// <summary>The argument array of the last call.</summary>
    public byte[] Arguments { get; private set; } = [];

    public async ValueTask<TResult> CallAsync<TArguments, TResult>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
        CancellationToken cancel) => Read(readResult, (await InvokeAsync(procedure, arguments, writeArguments, cancel)).Answer!);

    public async ValueTask CallAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        var call = await InvokeAsync(procedure, arguments, writeArguments, cancel);
        Assert.Equal("c0", Convert.ToHexStringLower(call.Answer!));
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
        Action<TEvent> handler, CancellationToken cancel)
    {
        var call = await InvokeAsync(procedure, arguments, writeArguments, cancel);
        foreach (byte[] sent in call.Events)
            handler(Read(readEvent, sent));
        return call.Subscription!;
    }

    public async ValueTask<VirtStream> OpenStreamAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel) =>
        (await InvokeAsync(procedure, arguments, writeArguments, cancel)).Stream!;

    public static byte[] Write<T>(T value, WireWriter<T> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static T Read<T>(WireReader<T> read, byte[] data)
    {
        var reader = new PackReader(data);
        T value = read(ref reader);
        Assert.True(reader.IsEnd);
        return value;
    }

    private async Task<IncomingCall> InvokeAsync<T>(ProcedureId procedure, T arguments, WireWriter<T> write, CancellationToken cancel)
    {
        Called = procedure;
        Arguments = Write(arguments, write);
        var call = new IncomingCall(Arguments);
        await Contracts.Procedures.Single(row => row.Id == procedure).Invoke(target, call, cancel);
        Assert.Equal(1, call.Answers);
        Required = call.Required;
        return call;
    }
}

/// <summary>Records what a procedure does with its call.</summary>
internal sealed class IncomingCall(byte[] arguments) : IIncomingCall
{
    public ReadOnlyMemory<byte> Arguments => arguments;

    public int Answers { get; private set; }

    public byte[]? Answer { get; private set; }

    public List<byte[]> Events { get; } = [];

    public IAsyncDisposable? Subscription { get; private set; }

    public void Require(Access access) => Required = access;

    /// <summary>The access that the arguments asked for.</summary>
    public Access Required { get; private set; }

    public void Reply<TResult>(TResult result, WireWriter<TResult> write)
    {
        Answers++;
        Answer = Loopback.Write(result, write);
    }

    public void Reply()
    {
        Answers++;
        Answer = [0xc0];
    }

    public void SendEvent<TEvent>(TEvent value, WireWriter<TEvent> write) => Events.Add(Loopback.Write(value, write));

    public void Accept(IAsyncDisposable subscription)
    {
        Answers++;
        Subscription = subscription;
    }

    public VirtStream? Stream { get; private set; }

    public void AcceptStream(VirtStream stream)
    {
        Answers++;
        Stream = stream;
    }
}

/// <summary>Implements any contract: records the call, sends one sample event to a handler, answers with a sample.</summary>
internal class Target : DispatchProxy
{
    /// <summary>A completed <see cref="ValueTask"/> as reflection returns it.</summary>
    private static readonly object Done = RuntimeHelpers.GetUninitializedObject(typeof(ValueTask));

    private static readonly MethodInfo FromResult = typeof(Target).GetMethod(nameof(Answer), BindingFlags.NonPublic | BindingFlags.Static)!;

    public SampleKind Kind { get; set; }

    public MethodInfo? Called { get; private set; }

    public object?[] Arguments { get; private set; } = [];

    public int Disposed { get; private set; }

    /// <summary>What calls for a stream are answered with.</summary>
    public VirtStream Stream { get; } = new IdleStream();

    public static (Target Recorder, object Contract) Of(Type contract, SampleKind kind)
    {
        object proxy = Create(contract, typeof(Target));
        var target = (Target)proxy;
        target.Kind = kind;
        return (target, proxy);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncDisposable.DisposeAsync))
        {
            Disposed++;
            return Done;
        }

        Called = targetMethod;
        Arguments = args!;
        foreach (object? argument in args!)
        {
            if (argument is Delegate handler)
                handler.DynamicInvoke(Samples.Record(handler.GetType().GetGenericArguments()[0], Kind));
        }

        if (targetMethod.ReturnType == typeof(ValueTask))
            return Done;
        object? result = Contracts.IsSubscription(targetMethod) ? this
            : Contracts.IsStream(targetMethod) ? Stream : Samples.Result(targetMethod, Kind);
        return FromResult.MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments()).Invoke(null, [result]);
    }

    private static ValueTask<T> Answer<T>(T value) => new(value);
}
