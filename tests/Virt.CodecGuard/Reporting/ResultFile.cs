using System.Xml.Linq;

namespace Virt.CodecGuard.Reporting;

/// <summary>A guard's outcomes as a test suite in JUnit's format: one test for each.</summary>
internal static class ResultFile
{
    public static async Task WriteAsync(string file, string name, IReadOnlyCollection<GuardResult> results, TimeSpan time, CancellationToken cancel)
    {
        XElement suite = new(
            "testsuite", new XAttribute("name", name), new XAttribute("tests", results.Count),
            new XAttribute("failures", results.Count(result => result.Fault is not null)), new XAttribute("errors", 0),
            new XAttribute("skipped", results.Count(result => !result.Measured)), new XAttribute("time", time.TotalSeconds),
            results.Select(result => Case(name, result)));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, new XElement("testsuites", suite).ToString(), cancel);
    }

    private static XElement Case(string suite, GuardResult result)
    {
        XElement test = new("testcase", new XAttribute("classname", suite), new XAttribute("name", result.Name));
        if (result.Fault is { } fault)
            test.Add(new XElement("failure", new XAttribute("message", fault)));
        else if (!result.Measured)
            test.Add(new XElement("skipped"));
        return test;
    }
}
