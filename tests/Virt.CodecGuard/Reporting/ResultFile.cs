using System.Xml.Linq;

namespace Virt.CodecGuard.Reporting;

/// <summary>The outcomes as a test suite in JUnit's format: one test for each workload.</summary>
internal static class ResultFile
{
    private const string Suite = "codec-guard";

    public static async Task WriteAsync(string file, IReadOnlyCollection<Outcome> outcomes, TimeSpan time, CancellationToken cancel)
    {
        XElement suite = new(
            "testsuite", new XAttribute("name", Suite), new XAttribute("tests", outcomes.Count),
            new XAttribute("failures", outcomes.Count(outcome => outcome.Fault is not null)), new XAttribute("errors", 0),
            new XAttribute("skipped", outcomes.Count(outcome => outcome.Comparison is null)), new XAttribute("time", time.TotalSeconds),
            outcomes.Select(Case));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, new XElement("testsuites", suite).ToString(), cancel);
    }

    private static XElement Case(Outcome outcome)
    {
        XElement test = new("testcase", new XAttribute("classname", Suite), new XAttribute("name", outcome.Workload));
        if (outcome.Fault is { } fault)
            test.Add(new XElement("failure", new XAttribute("message", fault)));
        else if (outcome.Comparison is null)
            test.Add(new XElement("skipped"));
        return test;
    }
}
