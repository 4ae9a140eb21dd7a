using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Virt.Build.Results;

/// <summary>What one test suite came to.</summary>
internal sealed record SuiteResult(string Name, int Passed, int Failed, int Skipped, TimeSpan Time, IReadOnlyList<string> Failures,
    IReadOnlyList<string> Skips)
{
    private const int MostLines = 12;
    private const int LongestLine = 400;

    public static SuiteResult Empty(string name) => new(name, 0, 0, 0, TimeSpan.Zero, [], []);

    /// <summary>Reads results in xunit's format (https://xunit.net/docs/format-xml-v2) or in JUnit's, which Pester writes.</summary>
    public static SuiteResult Read(string name, string file)
    {
        try
        {
            XElement root = XDocument.Load(file).Root!;
            return root.Name.LocalName switch
            {
                "assemblies" => ReadXunit(name, root),
                "testsuites" => ReadJunit(name, root),
                _ => Empty(name).WithFailure($"{file} is neither xunit's nor JUnit's format"),
            };
        }
        catch (XmlException torn)
        {
            return Empty(name).WithFailure($"{file} cannot be read: {torn.Message}");
        }
    }

    /// <summary>The same with one failure more, that of the suite as a whole.</summary>
    public SuiteResult WithFailure(string reason) => this with { Failed = Failed + 1, Failures = [.. Failures, reason] };

    private static SuiteResult ReadXunit(string name, XElement root)
    {
        IReadOnlyList<XElement> assemblies = [.. root.Elements("assembly")];
        int errors = assemblies.Sum(assembly => Number(assembly, "errors"));
        return new SuiteResult(
            name,
            assemblies.Sum(assembly => Number(assembly, "passed")),
            assemblies.Sum(assembly => Number(assembly, "failed")) + errors,
            assemblies.Sum(assembly => Number(assembly, "skipped")),
            TimeSpan.FromSeconds(assemblies.Sum(assembly => Seconds(assembly))),
            [
                .. root.Descendants("test").Where(test => (string?)test.Attribute("result") == "Fail")
                    .Select(test => Failure((string?)test.Attribute("name"), (string?)test.Element("failure")?.Element("message"))),
                .. root.Descendants("error").Select(error =>
                    Failure($"{(string?)error.Attribute("type")} {(string?)error.Attribute("name")}".Trim(), (string?)error.Descendants("message").FirstOrDefault())),
            ],
            [
                .. root.Descendants("test").Where(test => (string?)test.Attribute("result") == "Skip")
                    .Select(test => $"{(string?)test.Attribute("name")}: {(string?)test.Element("reason")}"),
            ]);
    }

    private static SuiteResult ReadJunit(string name, XElement root)
    {
        IReadOnlyList<XElement> suites = [.. root.Elements("testsuite")];
        int failed = suites.Sum(suite => Number(suite, "failures") + Number(suite, "errors"));
        int skipped = suites.Sum(suite => Number(suite, "skipped") + Number(suite, "disabled"));
        return new SuiteResult(
            name,
            suites.Sum(suite => Number(suite, "tests")) - failed - skipped,
            failed,
            skipped,
            TimeSpan.FromSeconds(suites.Sum(suite => Seconds(suite))),
            [
                .. from test in root.Descendants("testcase")
                   let failure = test.Element("failure") ?? test.Element("error")
                   where failure is not null
                   select Failure((string?)test.Attribute("name"), (string?)failure.Attribute("message")),
            ],
            [
                .. from test in root.Descendants("testcase")
                   let skip = test.Element("skipped")
                   where skip is not null
                   select $"{(string?)test.Attribute("name")}: {(string?)skip.Attribute("message")}",
            ]);
    }

    /// <summary>A test's name, and below it how it failed, as where only the end of the output is kept nothing else says it.</summary>
    private static string Failure(string? name, string? message)
    {
        IEnumerable<string> lines = (message ?? string.Empty).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)
            .Select(line => line.Length <= LongestLine ? line : line[..LongestLine] + "...");
        return string.Join("\n    ", lines.Take(MostLines).Prepend(name ?? "?"));
    }

    private static int Number(XElement element, string attribute) =>
        int.TryParse((string?)element.Attribute(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static double Seconds(XElement element) =>
        double.TryParse((string?)element.Attribute("time"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 0;
}
