using Virt.Domains;
using Virt.Errors;
using Virt.Rpc;
using Virt.Work.Calls;
using Virt.Work.Codec;
using Virt.Work.Frames;
using Virt.Work.Primitives;

namespace Virt.Work;

/// <summary>All workloads, in the order of their layers: values, records, frames, calls.</summary>
public static class Workloads
{
    private const int Values = 1000;

    /// <summary>Makes them, with their input.</summary>
    public static IReadOnlyList<IWorkload> Create() =>
    [
        .. Both("integers", new IntegerValues(Values)),
        .. Both("strings", new StringValues(Values, "web-{0:0000}.example.org")),
        .. Both("strings-utf8", new StringValues(Values, "Rechnungsprüfung-{0:0000}")),
        .. Both("arrays", new NestedArrays(Values)),
        .. Domains(1), .. Domains(100), .. Domains(1000),
        .. Lists("statistics.100", SampleDomains.Statistics(100), DomainStatisticsCodec.Write, DomainStatisticsCodec.Read),
        .. Records("error", SampleErrors.NoDomain, ErrorRecordCodec.Write, ErrorRecordCodec.Read),
        new EncodeArguments(), new DecodeArguments(),
        new ReadFrames("read.frames.small", 100, 64), new ReadFrames("read.frames.large", 1, 200 * 1024),
        new WholeCall(),
    ];

    private static IEnumerable<IWorkload> Both(string name, IValues values) => [new WriteValues(name, values), new ReadValues(name, values)];

    private static IEnumerable<IWorkload> Domains(int count) =>
        Lists($"domains.{count}", SampleDomains.Records(count), DomainRecordCodec.Write, DomainRecordCodec.Read);

    private static IEnumerable<IWorkload> Records<T>(string name, T record, WireWriter<T> write, WireReader<T> read) =>
        [new EncodeRecord<T>(name, record, 1, write), new DecodeRecord<T>(name, record, 1, write, read)];

    private static IEnumerable<IWorkload> Lists<T>(string name, IReadOnlyList<T> list, WireWriter<T> write, WireReader<T> read)
    {
        WireWriter<IReadOnlyList<T>> writeList = (ref writer, value) => WireCollection.WriteList(ref writer, value, write);
        WireReader<IReadOnlyList<T>> readList = (ref reader) => WireCollection.ReadList(ref reader, read);
        return
        [
            new EncodeRecord<IReadOnlyList<T>>(name, list, list.Count, writeList),
            new DecodeRecord<IReadOnlyList<T>>(name, list, list.Count, writeList, readList),
        ];
    }
}
