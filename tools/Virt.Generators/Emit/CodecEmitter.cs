using Virt.Generators.Model;

namespace Virt.Generators.Emit;

/// <summary>Writes <c>XCodec</c> for a <c>[Wire]</c> record X.</summary>
internal static class CodecEmitter
{
    public static string Emit(RecordModel record)
    {
        var file = new SourceFile(record.Namespace);
        file.Line($"/// <summary>Carries <see cref=\"{record.FullName}\"/> as an array of {record.Fields.Count} positions.</summary>");
        file.Line(SourceFile.GeneratedCode);
        file.Open($"{record.Accessibility} static class {record.CodecName}");
        EmitWrite(file, record);
        file.Line();
        EmitRead(file, record);
        file.Close();
        return file.ToString();
    }

    private static void EmitWrite(SourceFile file, RecordModel record)
    {
        file.Line("/// <summary>Writes the record.</summary>");
        file.Open($"public static void Write(ref PackWriter w, {record.FullName} value)");
        if (!record.IsValueType)
            file.Line("global::System.ArgumentNullException.ThrowIfNull(value);");
        file.Line($"w.WriteArrayHeader({record.Fields.Count});");
        foreach (var field in record.Fields)
            file.Line(ValueEmitter.Write(field.Type, "w", "value." + MethodEmitter.Identifier(field.Name)));
        file.Close();
    }

    private static void EmitRead(SourceFile file, RecordModel record)
    {
        file.Line("/// <summary>Reads the record. Positions it does not know are skipped, missing ones take their default.</summary>");
        file.Line("/// <exception cref=\"PackException\">The data is not such a record, or ends inside it.</exception>");
        file.Open($"public static {record.FullName} Read(ref PackReader r)");
        file.Line("int count = WireArray.Begin(ref r);");
        var arguments = record.Fields.Select((field, i) =>
            ValueEmitter.ReadField(field, i, record.Name) + (i < record.Fields.Count - 1 ? "," : ");"));
        file.Continued($"var value = new {record.FullName}({(record.Fields.Count == 0 ? ");" : "")}", arguments);
        file.Line($"WireArray.End(ref r, count, {record.Fields.Count});");
        file.Line("return value;");
        file.Close();
    }
}
