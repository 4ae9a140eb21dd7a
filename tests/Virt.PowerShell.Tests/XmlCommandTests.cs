using System.Management.Automation;
using System.Xml;
using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class XmlCommandTests
{
    private const string Xml = "<domain type='test'>\n<name>n1</name>\n<memory>1024</memory>\n<os><type>hvm</type></os>\n</domain>";

    [Fact]
    public async Task Lines_of_the_pipeline_are_one_document_each_up_to_its_end()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string two = "<?xml version='1.0'?>\n\n" + Xml + "\n\n" + Xml.Replace("n1", "n2", StringComparison.Ordinal);
        var command = lab.Run(new NewVirtDomainCommand { Xml = [.. two.Split('\n').Select(line => new DomainXml(line))] }, "Xml");
        Assert.Empty(command.Errors);
        Assert.Equal(["n1", "n2"], command.NamesOf().Order());
    }

    [Fact]
    public async Task What_is_not_whole_at_the_end_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new NewVirtDomainCommand { Xml = [new("<domain type='test'>"), new("<name>n1</name>"), new(Xml)] }, "Xml");
        command.Error("VirtMalformedXml", ErrorCategory.InvalidData);
        Assert.Equal(["n1"], command.NamesOf());
    }

    [Fact]
    public async Task A_script_changes_the_document_and_sees_the_difference_first()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ScriptBlock retitle = Script(document =>
        {
            document.DocumentElement!["title"]!.InnerText = "New";
            return [];
        });
        var asked = lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), ScriptBlock = retitle, Confirmed = false });
        string effect = Assert.Single(asked.Effects);
        Assert.StartsWith("Redefine domain 'web2' on h1:\n@@ -", effect, StringComparison.Ordinal);
        Assert.Contains("-  <title>Web server, second of two</title>\n+  <title>New</title>\n", effect, StringComparison.Ordinal);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);

        var done = lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), ScriptBlock = retitle, PassThru = true });
        Assert.Equal("New", Assert.IsType<VirtDomain>(Assert.Single(done.Output)).Title);
    }

    [Fact]
    public async Task Text_and_other_documents_are_taken_and_no_change_is_told()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var text = lab.Run(new EditVirtXmlCommand
        {
            Name = Lab.Names("web2"),
            ScriptBlock = Script(document => [document.OuterXml.Replace("second", "2nd", StringComparison.Ordinal)]),
            PassThru = true,
        });
        Assert.Equal("Web server, 2nd of two", Assert.IsType<VirtDomain>(Assert.Single(text.Output)).Title);
        var none = lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), ScriptBlock = Script(_ => []) });
        Assert.Contains("unchanged", Assert.Single(none.Warnings), StringComparison.Ordinal);
        Assert.Equal(1, lab["h1"].Spy.Calls.Count(call => call == "DefineDomain"));
    }

    [Fact]
    public async Task Name_and_uuid_stay()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        foreach (string element in (string[])["name", "uuid"])
        {
            lab.Run(new EditVirtXmlCommand
            {
                Name = Lab.Names("web2"),
                ScriptBlock = Script(document =>
                {
                    document.DocumentElement![element]!.InnerText = Guid.NewGuid().ToString();
                    return [];
                }),
            }).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        }

        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task An_editor_edits_and_what_is_refused_is_kept()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using Lab lab = await Lab.WithAsync("h1");
        string editor = Path.Combine(Path.GetTempPath(), $"virt-editor-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(editor, "#!/bin/sh\nsed -i \"s/$1/$2/\" \"$3\"\n", TestContext.Current.CancellationToken);
        string? kept = null;
        try
        {
            File.SetUnixFileMode(editor, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var done = lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), Editor = $"{editor} second 2nd", PassThru = true });
            Assert.Empty(done.Errors);
            Assert.Equal("Web server, 2nd of two", Assert.IsType<VirtDomain>(Assert.Single(done.Output)).Title);

            var error = lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), Editor = $"{editor} <devices> <devices><oops\\/>" })
                .Error("VirtInvalidSchema", ErrorCategory.InvalidData);
            kept = error.ErrorDetails!.RecommendedAction!.Split('\'')[1];
            Assert.Contains("<oops/>", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        }
        finally
        {
            File.Delete(editor);
            if (kept is not null)
                File.Delete(kept);
        }
    }

    [Fact]
    public async Task An_editor_that_is_not_there_is_an_error_and_leaves_no_file()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string mark = Guid.NewGuid().ToString("N");
        ScriptBlock retitle = Script(document =>
        {
            document.DocumentElement!["title"]!.InnerText = mark;
            return [];
        });
        lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), ScriptBlock = retitle });
        lab.Run(new EditVirtXmlCommand { Name = Lab.Names("web2"), Editor = "/nonexistent/editor" })
            .Error("VirtOperationFailed", ErrorCategory.InvalidResult);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.GetTempPath(), "virt-*.xml"),
            file => new FileInfo(file) is { Exists: true } && File.ReadAllText(file).Contains(mark, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exported_and_imported_as_another()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string folder = Directory.CreateTempSubdirectory("virt-export-").FullName;
        try
        {
            var exported = lab.Run(new ExportVirtDomainCommand { Name = Lab.Names("web1", "web2"), Path = folder });
            Assert.Equal(["web1.xml", "web2.xml"], exported.Output.Cast<FileInfo>().Select(file => file.Name).Order());
            var imported = lab.Run(new ImportVirtDomainCommand { Path = [Path.Combine(folder, "web1.xml")], NewName = "web9", GenerateNewId = true });
            Assert.Empty(imported.Errors);
            var made = Assert.IsType<VirtDomain>(Assert.Single(imported.Output));
            Assert.Equal("web9", made.Name);
            Assert.NotEqual((await lab.DomainAsync("web1")).Uuid, made.Uuid);
            Assert.DoesNotContain("52:54:00:00:00:01", lab["h1"].Spy.DefinedXml, StringComparison.Ordinal);
            lab.Run(new ImportVirtDomainCommand { Path = [Path.Combine(folder, "web2.xml")] })
                .Error("VirtDomainExists", ErrorCategory.ResourceExists);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Two_domains_do_not_go_into_one_file()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        string file = Path.GetTempFileName();
        try
        {
            var command = lab.Run(new ExportVirtDomainCommand { Name = Lab.Names("web1", "web2"), Path = file });
            command.Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
            Assert.Single(command.Output);
            lab.Run(new ExportVirtDomainCommand { Name = Lab.Names("web1"), Path = file, NoClobber = true })
                .Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_command_line_is_quoted_for_a_shell()
    {
        var command = new LaunchCommand(
            "/usr/bin/qemu", ["-name", "it's", "-S", "-device", "{\"a\": 1}", "--", ""],
            new Dictionary<string, string> { ["LC_ALL"] = "C" });
        Assert.Equal(
            ["LC_ALL=C \\", "/usr/bin/qemu \\", "  -name 'it'\\''s' \\", "  -S \\", "  -device '{\"a\": 1}' \\", "  -- ''"], ShellText.Lines(command));
    }

    [Fact]
    public void A_difference_has_its_context_and_near_changes_are_one()
    {
        string before = string.Join('\n', Enumerable.Range(1, 30));
        string after = before.Replace("\n5\n", "\n5a\n", StringComparison.Ordinal).Replace("\n9\n", "\n", StringComparison.Ordinal)
            .Replace("\n25\n", "\n25\nx\n", StringComparison.Ordinal);
        Assert.Equal(
            [
                "@@ -2,11 +2,10 @@", " 2", " 3", " 4", "-5", "+5a", " 6", " 7", " 8", "-9", " 10", " 11", " 12",
                "@@ -23,6 +22,7 @@", " 23", " 24", " 25", "+x", " 26", " 27", " 28",
            ],
            LineDiff.Unified(before, after));
        Assert.Empty(LineDiff.Unified(before, before + "\n"));
    }

    private static ScriptBlock Script(Func<XmlDocument, IEnumerable<object?>> change) => new(document => change((XmlDocument)document));
}
