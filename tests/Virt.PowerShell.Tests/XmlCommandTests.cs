using System.Management.Automation;
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
        lab.Set("two", "<?xml version='1.0'?>\n\n" + Xml + "\n\n" + Xml.Replace("n1", "n2", StringComparison.Ordinal));
        Assert.Equal(["n1", "n2"], (await lab.RunAsync("$two -split '\n' | New-VirtDomain")).Well().DomainNames.Order());
    }

    [Fact]
    public async Task What_is_not_whole_at_the_end_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Set("lines", new[] { "<domain type='test'>", "<name>n1</name>", Xml });
        Outcome outcome = await lab.RunAsync("$lines | New-VirtDomain");
        outcome.Error("VirtMalformedXml", ErrorCategory.InvalidData);
        Assert.Equal(["n1"], outcome.DomainNames);
    }

    [Fact]
    public async Task A_script_changes_the_document_and_sees_the_difference_first()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        const string Command = "Edit-VirtXml web2 { $_.domain.title = 'New' }";
        string effect = Assert.Single((await lab.RunAsync(Command + " -WhatIf")).Effects);
        Assert.StartsWith("Redefine domain 'web2' on h1:\n@@ -", effect, StringComparison.Ordinal);
        Assert.Contains("-  <title>Web server, second of two</title>\n+  <title>New</title>\n", effect, StringComparison.Ordinal);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
        Assert.Equal("New", (await lab.RunAsync(Command + " -PassThru")).Single<VirtDomain>().Title);
    }

    [Fact]
    public async Task Text_and_other_documents_are_taken_and_no_change_is_told()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome text = await lab.RunAsync("Edit-VirtXml web2 { $_.OuterXml.Replace('second', '2nd') } -PassThru");
        Assert.Equal("Web server, 2nd of two", text.Single<VirtDomain>().Title);
        Outcome document = await lab.RunAsync("Edit-VirtXml web2 { [xml]$_.OuterXml.Replace('2nd', 'second') } -PassThru");
        Assert.Equal("Web server, second of two", document.Single<VirtDomain>().Title);
        Assert.Contains("unchanged", Assert.Single((await lab.RunAsync("Edit-VirtXml web2 { }")).Warnings), StringComparison.Ordinal);
        Assert.Equal(2, lab["h1"].Spy.Calls.Count(call => call == "DefineDomain"));
    }

    [Theory]
    [InlineData("name")]
    [InlineData("uuid")]
    public async Task Name_and_uuid_stay(string element)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync($"Edit-VirtXml web2 {{ $_.domain.{element} = [string](New-Guid) }}"))
            .Error("VirtInvalidState", ErrorCategory.InvalidOperation);
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
            Outcome done = (await lab.RunAsync($"Edit-VirtXml web2 -Editor '{editor} second 2nd' -PassThru")).Well();
            Assert.Equal("Web server, 2nd of two", done.Single<VirtDomain>().Title);

            ErrorRecord error = (await lab.RunAsync($"Edit-VirtXml web2 -Editor '{editor} <devices> <devices><oops\\/>'"))
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
        (await lab.RunAsync($"Edit-VirtXml web2 {{ $_.domain.title = '{mark}' }}")).Well();
        (await lab.RunAsync("Edit-VirtXml web2 -Editor /nonexistent/editor")).Error("VirtOperationFailed", ErrorCategory.InvalidResult);
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
            Outcome exported = await lab.Set("folder", folder).RunAsync("Export-VirtDomain web1, web2 $folder");
            Assert.Equal(["web1.xml", "web2.xml"], exported.Output.Cast<FileInfo>().Select(file => file.Name).Order());
            Outcome imported = await lab.RunAsync("Import-VirtDomain $folder/web1.xml -NewName web9 -GenerateNewId");
            VirtDomain made = imported.Well().Single<VirtDomain>();
            Assert.Equal("web9", made.Name);
            Assert.NotEqual((await lab.DomainAsync("web1")).Uuid, made.Uuid);
            Assert.DoesNotContain("52:54:00:00:00:01", lab["h1"].Spy.DefinedXml, StringComparison.Ordinal);
            (await lab.RunAsync("Import-VirtDomain $folder/web2.xml")).Error("VirtDomainExists", ErrorCategory.ResourceExists);
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
            Outcome outcome = await lab.Set("file", file).RunAsync("Export-VirtDomain web1, web2 $file");
            outcome.Error("VirtInvalidArgument", ErrorCategory.InvalidArgument);
            Assert.Single(outcome.Output);
            (await lab.RunAsync("Export-VirtDomain web1 $file -NoClobber")).Error("VirtSystemError", ErrorCategory.ResourceUnavailable);
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
}
