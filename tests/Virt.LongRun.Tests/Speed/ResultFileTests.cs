using System.Xml.Linq;
using Virt.CodecGuard.Reporting;

namespace Virt.Tests.Core.Speed;

public sealed class ResultFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-guard-").FullName;

    [Fact]
    public async Task Passed_failed_and_skipped_are_counted_as_a_suite_of_tests()
    {
        string file = Path.Combine(_folder, "results", "guard.xml");
        await ResultFile.WriteAsync(
            file, "guard", [new("good", true, null), new("slow", true, "it takes <longer>"), new("alone", false, null)],
            TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);

        XElement suite = XDocument.Load(file).Root!.Element("testsuite")!;
        Assert.Equal(["3", "1", "1"], [.. new[] { "tests", "failures", "skipped" }.Select(name => suite.Attribute(name)!.Value)]);
        XElement failed = Assert.Single(suite.Elements(), test => test.Element("failure") is not null);
        Assert.Equal("slow", failed.Attribute("name")!.Value);
        Assert.Equal("it takes <longer>", failed.Element("failure")!.Attribute("message")!.Value);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
