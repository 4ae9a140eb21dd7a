using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Virt.Build.Results;

/// <summary>What one test suite came to.</summary>
internal sealed record SuiteResult(string Name, int Passed, int Failed, int Skipped, TimeSpan Time, IReadOnlyList<string> Failures)
{
    public static SuiteResult Empty(string name) => new(name, 0, 0, 0, TimeSpan.Zero, []);

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
                .. root.Descendants("test").Where(test => (string?)test.Attribute("result") == "Fail").Select(test => (string?)test.Attribute("name") ?? "?"),
                .. root.Descendants("error").Select(error => $"{(string?)error.Attribute("type")} {(string?)error.Attribute("name")}".Trim()),
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
                .. root.Descendants("testcase").Where(test => test.Element("failure") is not null || test.Element("error") is not null)
                    .Select(test => (string?)test.Attribute("name") ?? "?"),
            ]);
    }

    private static int Number(XElement element, string attribute) =>
        int.TryParse((string?)element.Attribute(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static double Seconds(XElement element) =>
        double.TryParse((string?)element.Attribute("time"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 0;
}
