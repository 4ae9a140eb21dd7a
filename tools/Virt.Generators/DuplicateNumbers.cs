using System.Globalization;
using Microsoft.CodeAnalysis;
using Virt.Generators.Model;

namespace Virt.Generators;

/// <summary>Finds procedure numbers that two contracts, or two methods of one, share within a program.</summary>
internal static class DuplicateNumbers
{
    public static IEnumerable<Diagnostic> Find(IEnumerable<ProcedureNumber> numbers)
    {
        var owners = new Dictionary<(int Program, int Version, int Number), ProcedureNumber>();
        foreach (var number in numbers)
        {
            var key = (number.Program, number.Version, number.Number);
            if (owners.TryGetValue(key, out var owner))
            {
                yield return DiagnosticInfo.Of(
                    Diagnostics.DuplicateNumber,
                    number.Location,
                    $"{number.Contract}.{number.Method}",
                    number.Number.ToString(CultureInfo.InvariantCulture),
                    number.Program.ToString(CultureInfo.InvariantCulture),
                    $"{owner.Contract}.{owner.Method}").ToDiagnostic();
            }
            else
            {
                owners.Add(key, number);
            }
        }
    }
}
