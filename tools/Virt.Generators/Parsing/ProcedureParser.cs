using Microsoft.CodeAnalysis;
using Virt.Generators.Model;

namespace Virt.Generators.Parsing;

/// <summary>Reads a contract's method.</summary>
internal static class ProcedureParser
{
    public static ProcedureModel? Parse(IMethodSymbol method, string? subject, List<DiagnosticInfo> diagnostics)
    {
        int before = diagnostics.Count;
        string name = $"{method.ContainingType.Name}.{method.Name}";
        var location = LocationInfo.Of(method);
        var attribute = TypeNames.Attribute(method, TypeNames.ProcedureAttribute);
        if (attribute is null)
        {
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.NoProcedure, location, name));
            return null;
        }

        // Arguments that are no constants are the compiler's own error.
        if (attribute.ConstructorArguments.Length != 2 || attribute.ConstructorArguments[0].Value is not int number)
            return null;
        var access = attribute.ConstructorArguments[1];

        if (number <= 0)
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.BadNumber, location, name, number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        int tokens = method.Parameters.Count(IsToken);
        if (tokens != 1 || !IsToken(method.Parameters[method.Parameters.Length - 1]))
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.NoCancellation, location, name));

        var handlers = method.Parameters.Where(parameter => HandledType(parameter) is not null).ToArray();
        var handled = handlers.Length == 1 ? HandledType(handlers[0])! : null;
        var returned = ReturnedType(method, out bool isValueTask);
        bool subscribes = returned is not null && TypeNames.Metadata(returned) == "System.IAsyncDisposable";
        bool streams = returned is not null && TypeNames.Metadata(returned) == TypeNames.Stream;
        if (!isValueTask || handlers.Length > 1 || subscribes != (handled is not null))
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.BadReturn, location, name, method.ReturnType.ToDisplayString()));

        var travelling = method.Parameters.Where(parameter => !IsToken(parameter) && HandledType(parameter) is null).ToArray();
        var arguments = travelling.Select(parameter => FieldParser.Parse(parameter, name, diagnostics)).ToArray();
        foreach (var parameter in travelling)
        {
            if (AccessParser.Unchecked(parameter.Type) is { } value)
                diagnostics.Add(DiagnosticInfo.Of(Diagnostics.UncheckedAccess, location, $"parameter {parameter.Name} of {name}", value));
        }

        var @event = handled is null ? null : Carried(handled, $"the event of {name}", location, diagnostics);
        var result = returned is null || subscribes || streams ? null : Carried(returned, $"the result of {name}", location, diagnostics);
        if (diagnostics.Count > before)
            return null;
        return new(
            method.Name,
            number,
            AccessParser.Expression(access),
            new([.. method.Parameters.Select(parameter => new ParameterModel(TypeNames.Full(parameter.Type), parameter.Name))]),
            new(arguments!),
            result,
            handled is null ? null : handlers[0].Name,
            @event,
            new([.. travelling.SelectMany(AccessParser.Gates)]),
            AccessParser.Subject(subject, travelling),
            streams);
    }

    private static bool IsToken(IParameterSymbol parameter) => TypeNames.Metadata(parameter.Type) == "System.Threading.CancellationToken";

    /// <summary>T of an <c>Action&lt;T&gt;</c>.</summary>
    private static ITypeSymbol? HandledType(IParameterSymbol parameter) =>
        TypeNames.Metadata(parameter.Type) == "System.Action`1" ? ((INamedTypeSymbol)parameter.Type).TypeArguments[0] : null;

    /// <summary>T of a <c>ValueTask&lt;T&gt;</c>; null for <c>ValueTask</c> and for what is neither.</summary>
    private static ITypeSymbol? ReturnedType(IMethodSymbol method, out bool isValueTask)
    {
        string name = TypeNames.Metadata(method.ReturnType);
        isValueTask = name is "System.Threading.Tasks.ValueTask" or "System.Threading.Tasks.ValueTask`1";
        return isValueTask ? ((INamedTypeSymbol)method.ReturnType).TypeArguments.FirstOrDefault() : null;
    }

    private static WireType? Carried(ITypeSymbol type, string what, LocationInfo? location, List<DiagnosticInfo> diagnostics)
    {
        var wire = WireTypeParser.Parse(type, out string reason);
        if (wire is null)
            diagnostics.Add(DiagnosticInfo.Of(Diagnostics.UnsupportedType, location, what, type.ToDisplayString(), reason));
        return wire;
    }
}
