using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>Parameters of records and methods as positions of an array.</summary>
internal static class FieldParser
{
    public static WireField? Parse(IParameterSymbol parameter, string owner, List<DiagnosticInfo> diagnostics)
    {
        string what = $"parameter {parameter.Name} of {owner}";
        string reason = "it is passed by reference";
        var type = parameter.RefKind == RefKind.None ? WireTypeParser.Parse(parameter.Type, out reason) : null;
        if (type is not null)
            return new(parameter.Name, type, Default(parameter, type));
        diagnostics.Add(DiagnosticInfo.Of(
            Diagnostics.UnsupportedType, LocationInfo.Of(parameter), what, parameter.Type.ToDisplayString(), reason));
        return null;
    }

    private static string? Default(IParameterSymbol parameter, WireType type)
    {
        if (!parameter.HasExplicitDefaultValue)
            return null;
        return parameter.ExplicitDefaultValue is { } value
            ? $"({type.Name})({SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false)})"
            : $"default({type.FullName})";
    }
}
