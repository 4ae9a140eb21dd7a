using System.Globalization;
using System.Xml.Linq;

namespace Virt.Build.Results;

/// <summary>How much of an assembly the tests reached, over all reports in Cobertura's format.</summary>
internal sealed record CoverageReport(string Assembly, int Lines, int Reached)
{
    /// <summary>Reads all reports below a folder and adds up what they say of each assembly: a line that one of them reached is reached.</summary>
    public static IReadOnlyList<CoverageReport> ReadAll(string folder)
    {
        var lines = new Dictionary<(string Assembly, string File, int Line), bool>();
        foreach (string file in Directory.EnumerateFiles(folder, "*.cobertura*.xml", SearchOption.AllDirectories))
        {
            foreach (XElement package in XDocument.Load(file).Descendants("package"))
            {
                foreach (XElement type in package.Descendants("class"))
                {
                    foreach (XElement line in type.Elements("lines").Elements("line"))
                    {
                        (string, string, int) key = ((string)package.Attribute("name")!, (string)type.Attribute("filename")!, (int)line.Attribute("number")!);
                        lines[key] = lines.GetValueOrDefault(key) || (int)line.Attribute("hits")! > 0;
                    }
                }
            }
        }

        return
        [
            .. lines.GroupBy(line => line.Key.Assembly).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new CoverageReport(group.Key, group.Count(), group.Count(line => line.Value))),
        ];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Assembly,-20} {Reached,7} of {Lines,7} lines {100.0 * Reached / Math.Max(Lines, 1),6:0.0} %");
}
