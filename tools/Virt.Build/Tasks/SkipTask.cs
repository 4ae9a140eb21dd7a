using System.Globalization;
using System.Xml.Linq;

namespace Virt.Build.Tasks;

/// <summary>Records the tests of a suite that cannot run here as skipped, so that the total does not hide them.</summary>
internal static class SkipTask
{
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (arguments.Count != 2 || !int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            throw new BuildException("skip takes a name and the number of tests.", ExitCode.Usage);
        Directory.CreateDirectory(repository.Results);
        var suite = new XElement(
            "testsuite", new XAttribute("name", arguments[0]), new XAttribute("tests", count), new XAttribute("failures", 0),
            new XAttribute("errors", 0), new XAttribute("skipped", count), new XAttribute("time", 0));
        await File.WriteAllTextAsync(
            SuiteTask.ResultFile(repository, arguments[0]), new XElement("testsuites", suite).ToString(), cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }
}
