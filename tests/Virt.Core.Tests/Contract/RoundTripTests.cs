namespace Virt.Tests.Core.Contract;

public class RoundTripTests
{
    public static TheoryData<string, SampleKind> RecordCases => new(
        WireCodec.Records.SelectMany(record => Enum.GetValues<SampleKind>().Select(kind => (record.FullName!, kind))));

    public static TheoryData<string, SampleKind> ProcedureCases => new(
        Contracts.Procedures.SelectMany(procedure => Enum.GetValues<SampleKind>().Select(kind => (procedure.Name, kind))));

    [Theory]
    [MemberData(nameof(RecordCases))]
    public void A_record_comes_back_as_it_was(string record, SampleKind kind)
    {
        var codec = WireCodec.Of(record);
        object value = Samples.Record(codec.Record, kind);
        byte[] data = codec.Write(value);
        object back = codec.Read(data);
        Assert.Equal(Samples.Text(value), Samples.Text(back));
        Assert.Equal(data, codec.Write(back));
    }

    /// <summary>Stub, bytes, procedure table, target, bytes, stub.</summary>
    [Theory]
    [MemberData(nameof(ProcedureCases))]
    public async Task A_call_reaches_its_target_and_its_result_comes_back(string name, SampleKind kind)
    {
        var procedure = Contracts.Procedure(name);
        var method = Contracts.Method(procedure);
        var (recorder, target) = Target.Of(procedure.Contract, kind);
        object?[] arguments = Samples.Arguments(method, kind);
        var events = new List<string>();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is Delegate handler)
                arguments[i] = EventLog.Handler(handler.GetType(), events);
        }

        object? result = await Contracts.CallAsync(method, Contracts.Stub(procedure.Contract, new Loopback(target)), arguments);

        Assert.Equal(method, recorder.Called);
        Assert.Equal(Travelling(arguments), Travelling(recorder.Arguments));
        if (Contracts.IsSubscription(method))
        {
            Assert.Same(target, result);
            var handled = method.GetParameters().Single(parameter => parameter.ParameterType.Name == "Action`1");
            Assert.Equal([Samples.Text(Samples.Record(handled.ParameterType.GetGenericArguments()[0], kind))], events);
        }
        else if (Contracts.IsStream(method))
        {
            Assert.Same(recorder.Stream, result);
        }
        else if (method.ReturnType != typeof(ValueTask))
        {
            Assert.Equal(Samples.Text(Samples.Result(method, kind)), Samples.Text(result));
        }
    }

    private static IEnumerable<string> Travelling(IEnumerable<object?> arguments) =>
        arguments.Where(argument => argument is not (CancellationToken or Delegate)).Select(Samples.Text);

    private static class EventLog
    {
        public static Delegate Handler(Type action, List<string> log) => (Delegate)typeof(EventLog).GetMethod(nameof(Typed))!
            .MakeGenericMethod(action.GetGenericArguments()).Invoke(null, [log])!;

        public static Action<T> Typed<T>(List<string> log) => value => log.Add(Samples.Text(value));
    }
}
