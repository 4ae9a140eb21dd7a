using System.Buffers;
using System.Reflection;
using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Streams;

namespace Virt.Fuzz.Targets;

/// <summary>A procedure and the method of its contract, called through the generated stub.</summary>
internal sealed class ContractMethod(Procedure procedure)
{
    private readonly MethodInfo _method = procedure.Contract.GetMethods()
        .Single(method => method.GetCustomAttribute<ProcedureAttribute>()?.Number == procedure.Id.Number);

    private readonly ConstructorInfo _stub = procedure.Contract.Assembly
        .GetType($"{procedure.Contract.Namespace}.{procedure.Contract.Name[1..]}Stub", throwOnError: true)!.GetConstructors().Single();

    public Procedure Procedure => procedure;

    /// <summary>The argument array of a good call.</summary>
    public byte[] Arguments(bool full)
    {
        var caller = new Recorder();
        Invoke(caller, full);
        return caller.Sent;
    }

    /// <summary>Calls a daemon that answers with these bytes: a result, or an event of a subscription.</summary>
    /// <exception cref="PackException">They cannot be read.</exception>
    public void Answer(byte[] body) => Invoke(new Recorder { Reply = body }, full: false);

    private void Invoke(IRpcCaller caller, bool full) => _method.Invoke(
        _stub.Invoke([caller]), BindingFlags.DoNotWrapExceptions, null, new Samples(full).Arguments(_method), null);

    /// <summary>Keeps the arguments and reads the reply, all in the call.</summary>
    private sealed class Recorder : IRpcCaller
    {
        public byte[] Sent { get; private set; } = [];

        public byte[]? Reply { get; init; }

        public ValueTask<TResult> CallAsync<TArguments, TResult>(
            ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
            CancellationToken cancel)
        {
            Keep(arguments, writeArguments);
            return ValueTask.FromResult(Read(readResult));
        }

        public ValueTask CallAsync<TArguments>(
            ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
        {
            Keep(arguments, writeArguments);
            return ValueTask.CompletedTask;
        }

        public ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
            ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
            Action<TEvent> handler, CancellationToken cancel)
        {
            Keep(arguments, writeArguments);
            Read(readEvent);
            return ValueTask.FromResult<IAsyncDisposable>(null!);
        }

        public ValueTask<VirtStream> OpenStreamAsync<TArguments>(
            ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
        {
            Keep(arguments, writeArguments);
            return ValueTask.FromResult<VirtStream>(null!);
        }

        private void Keep<T>(T arguments, WireWriter<T> write)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new PackWriter(output);
            write(ref writer, arguments);
            writer.Flush();
            Sent = output.WrittenSpan.ToArray();
        }

        private T Read<T>(WireReader<T> read)
        {
            if (Reply is null)
                return default!;
            var reader = new PackReader(Reply);
            return read(ref reader);
        }
    }
}
