using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;
using Virt.Secrets;
using Virt.Terminals;

namespace Virt.Tests.PowerShell;

/// <summary>A hostile host, or a guest behind an honest one, cannot command the administrator's terminal.</summary>
public sealed class VisibleTests
{
    private static readonly string[] Queries =
    [
        "Get-VirtDomain", "Get-VirtHost", "Test-VirtHost", "Measure-VirtDomain -IntervalSec 0.1", "Get-VirtCapability",
        "Get-VirtCapability Domain", "Get-VirtCapability CpuModel", "Get-VirtCapability -Raw", "Get-VirtDisk *", "Get-VirtNic *",
        "Get-VirtDevice *", "Get-VirtConsole *", "Get-VirtXml * -Raw", "Export-VirtDomain *",
    ];

    // The others are on one line: they cannot fake another.
    private static readonly string[] ManyLines = ["Description", "Message", "Recommendation", "Xml", "String"];

    [Fact]
    public async Task Each_text_of_each_object_is_visible()
    {
        await using Lab lab = await HostileAsync();
        var met = new HashSet<Type>();
        List<object> found = [new VirtSecret(lab.Host(lab.Session.Hosts[0].Name), (SecretRecord)Hostile.Of(new SecretRecord(Guid.NewGuid(), "ceph", "a", "b"))!)];
        foreach (string query in Queries)
        {
            Outcome outcome = await lab.RunAsync(query);
            Assert.True(outcome.Errors.Count == 0, $"{query}: {string.Join(';', outcome.Errors)}");
            Assert.True(outcome.Output.Count > 0, query);
            found.AddRange(outcome.Output!);
            await ShownAsync(lab, query);
        }

        lab["h1"].Spy.IsHostile = call => call == "GetLaunchCommand";
        foreach (string query in (string[])["Export-VirtDomain * -Format QemuArgs", "Export-VirtDomain * -Format QemuArgs -AsObject"])
        {
            found.AddRange((await lab.RunAsync(query)).Well().Output!);
            await ShownAsync(lab, query);
        }

        VirtDomain domain = found.OfType<VirtDomain>().First();
        found.Add(new VirtDomainEventArgs(
            domain.VirtHost, new(default, default, DateTimeOffset.UtcNow, domain.Record), missed: false));
        foreach (object one in found)
            Walk(one, one.GetType().Name, met);
        // None is left out.
        IEnumerable<Type> written = Commands.All.SelectMany(type => Commands.InfoOf(Commands.NameOf(type)).OutputType).Select(output => output.Type)
            .Where(type => type?.Namespace == "Virt.PowerShell");
        Assert.Empty(written.Except(met));
    }

    [Theory]
    [InlineData("Get-VirtDomain web1")]
    [InlineData("Get-VirtDisk *")]
    [InlineData("Get-VirtCapability")]
    [InlineData("Stop-VirtDomain web1")]
    [InlineData("Get-VirtXml web1")]
    [InlineData("$vm.Refresh()")]
    public async Task What_a_host_says_of_a_failure_is_visible(string script)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Set("vm", await lab.DomainAsync("web1"));
        lab["h1"].Spy.Before = (_, _) => throw VirtException.Create(
            VirtErrorCode.OperationFailed, "QEMU's last words: " + Hostile.Sequences, "web1" + Hostile.Sequences, "Look at it." + Hostile.Sequences,
            new IOException(Hostile.Sequences));
        await FailsAsync(lab, script);
    }

    [Fact]
    public async Task Foreign_failures_and_targets_are_visible()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Set("evil", "x" + Hostile.Sequences.Replace("[", "", StringComparison.Ordinal));
        lab["h1"].Spy.Before = (_, _) => throw new InvalidOperationException(Hostile.Sequences, new IOException(Hostile.Sequences));
        await FailsAsync(lab, "Get-VirtDomain web1");
        lab["h1"].Spy.Before = (_, _) => Task.CompletedTask;
        await FailsAsync(lab, "Get-VirtDomain $evil");
        await FailsAsync(lab, "Get-VirtDomain -VirtHost $evil");
        await FailsAsync(lab, "Get-VirtSecret $evil");
    }

    [Fact]
    public async Task Warnings_questions_and_what_would_be_done_are_visible()
    {
        await using Lab lab = await HostileAsync();
        lab.Screen.Choose = _ => "No";
        int said = 0;
        foreach (string script in (string[])
            ["Get-VirtDomain | Start-VirtDomain -Verbose -Debug", "Get-VirtDomain | Stop-VirtDomain -WhatIf", "Get-VirtDomain | Stop-VirtDomain -Confirm",
            "Get-VirtDomain | Remove-VirtDomain -WhatIf", "Get-VirtDisk * | Remove-VirtDisk -WhatIf", "Get-VirtDomain | Suspend-VirtDomain -Verbose"])
        {
            Outcome outcome = await lab.RunAsync(script);
            string[] texts =
            [
                .. outcome.Warnings, .. outcome.VerboseLines, .. outcome.Effects, .. outcome.Questions,
                .. outcome.Streams.Debug.Select(line => line.Message), .. lab.Screen.Lines, lab.Screen.Written,
                .. outcome.Progress.SelectMany(progress => new[] { progress.Activity, progress.StatusDescription, progress.CurrentOperation }),
            ];
            Assert.True(
                texts.Any(text => text?.Contains("\\u", StringComparison.Ordinal) == true), $"{script}: {string.Join('|', texts)} {string.Join('|', outcome.Errors)}");
            Assert.All(texts, text => Visible(text, script));
            said += texts.Length;
        }

        Assert.True(said > 10);
    }

    [Fact]
    public async Task A_difference_shows_what_is_hidden_in_a_definition_and_keeps_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.IsHostile = call => call == "GetDomainXml";
        string effect = Assert.Single((await lab.RunAsync("Edit-VirtXml web2 { $_.domain.SetAttribute('id', '7') } -WhatIf")).Well().Effects);
        Assert.Contains("&#x202E;dlrow", effect, StringComparison.Ordinal);
        // Only the line that was changed, before and after.
        Assert.Equal(2, effect.Split('\n').Count(line => line.StartsWith("+<", StringComparison.Ordinal) || line.StartsWith("-<", StringComparison.Ordinal)));
        Visible(effect, "the difference");
    }

    [Fact]
    public async Task Why_a_connection_was_lost_is_visible()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break(Hostile.Sequences);
        string warning = Assert.Single((await lab.RunAsync("Get-VirtDomain")).Warnings);
        Assert.Contains("\\u001b]0;title", warning, StringComparison.Ordinal);
        Visible(warning, "the warning");
    }

    [Theory]
    [InlineData("Get-VirtDomain ")]
    [InlineData("Get-VirtDomain -VirtHost ")]
    [InlineData("New-VirtDomain a -Machine ")]
    [InlineData("Get-VirtDisk * ")]
    public async Task Proposals_are_visible(string line)
    {
        await using Lab lab = await HostileAsync();
        IReadOnlyList<CompletionResult> proposals = await lab.CompleteAsync(line);
        Assert.Contains(proposals, one => one.ListItemText.Contains("\\u001b", StringComparison.Ordinal) || one.ListItemText.Contains("\\u202e", StringComparison.Ordinal));
        Assert.All(proposals, one => Assert.All([one.CompletionText, one.ListItemText, one.ToolTip], text => Visible(text, line)));
    }

    [Theory]
    [InlineData("a'; evil; '")]
    [InlineData("a\u2019; evil; \u2018")]
    [InlineData("a\u201a; evil; \u201b")]
    [InlineData("a\n; evil")]
    public void A_proposal_is_one_word(string name)
    {
        Proposal proposal = Completion.Propose(name, "tip", escape: true);
        ScriptBlockAst script = Parser.ParseInput($"Get-VirtDomain {proposal.Text}", out _, out ParseError[] errors);
        Assert.Empty(errors);
        CommandAst command = Assert.IsType<CommandAst>(Assert.IsType<PipelineAst>(Assert.Single(script.EndBlock.Statements)).PipelineElements[0]);
        Assert.Equal(VisibleText.Line(name), Assert.IsType<StringConstantExpressionAst>(command.CommandElements[1]).Value);
    }

    [Fact]
    public void What_a_shell_runs_is_visible_and_the_same()
    {
        string quoted = ShellText.Quote("a'b\u001b[31m\u202e\r\n");
        Assert.Equal("'a'\\''b'\"$(printf '\\033')\"'[31m'\"$(printf '\\342\\200\\256')\"''\"$(printf '\\015')\"'\n'", quoted);
    }

    [Fact]
    public void A_variable_whose_name_a_shell_cannot_set_is_no_command()
    {
        var command = new LaunchCommand("/bin/qemu", [], new Dictionary<string, string> { ["LC_ALL"] = "C", ["x;evil"] = "1", ["1"] = "1", [""] = "1" });
        Assert.Equal(["LC_ALL=C \\", "/bin/qemu"], ShellText.Lines(command));
    }

    private static async Task<Lab> HostileAsync()
    {
        Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.IsHostile = _ => true;
        await lab.Session.Hosts[0].RefreshAsync(TestContext.Current.CancellationToken);
        return lab;
    }

    private static async Task FailsAsync(Lab lab, string script)
    {
        Outcome outcome = await lab.RunAsync(
            $"$ErrorActionPreference = 'Stop'; $caught = try {{ {script} }} catch {{ $_ }}; $caught");
        ErrorRecord error = outcome.Single<ErrorRecord>();
        string?[] texts =
        [
            error.ToString(), error.ErrorDetails?.Message, error.ErrorDetails?.RecommendedAction, error.CategoryInfo.ToString(),
            error.TargetObject?.ToString(),
        ];
        Assert.All(texts, text => Visible(text, script));
        for (Exception? one = error.Exception; one is not null; one = one.InnerException)
            Visible(one.Message, script);
        foreach (string view in (string[])["ConciseView", "NormalView", "DetailedView"])
            await ShownAsync(lab, $"$ErrorView = '{view}'; $caught");
    }

    // As tables and lists, at two widths. What the engine itself says in colours is left out.
    private static async Task ShownAsync(Lab lab, string query)
    {
        foreach (int width in (int[])[80, 120])
        {
            foreach (string format in (string[])["", "| Format-List * -Force", "| Format-Table * -Wrap"])
            {
                Outcome shown = await lab.RunAsync($"$PSStyle.OutputRendering = 'PlainText'; & {{ {query} }} {format} | Out-String -Width {width}");
                Visible(((string)Assert.Single(shown.Output)!).ReplaceLineEndings("\n"), $"{query} {format}");
            }
        }
    }

    private static void Walk(object? value, string path, HashSet<Type> met)
    {
        if (value is string text)
        {
            Visible(text, path);
            if (!ManyLines.Any(name => path.EndsWith(name, StringComparison.Ordinal)))
                Assert.DoesNotContain('\n', text);
        }
        else if (value is IEnumerable many)
        {
            foreach (object? one in many)
                Walk(one, path + "[]", met);
        }
        else if (value?.GetType() is { IsEnum: false } type && type.Namespace?.StartsWith("Virt.", StringComparison.Ordinal) == true)
        {
            met.Add(type);
            Visible(value.ToString(), path);
            foreach (PropertyInfo property in type.GetProperties())
                Walk(property.GetValue(value), $"{path}.{property.Name}", met);
        }
    }

    private static void Visible(string? text, string where) =>
        Assert.True(text is null || !Enumerable.Range(0, text.Length).Any(i => IsHidden(text, i)), $"{where}: {VisibleText.Line(text)}");

    // Not by what the product calls visible.
    private static bool IsHidden(string text, int i) => char.IsSurrogate(text[i])
        ? !(char.IsHighSurrogate(text[i]) ? i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) : i > 0 && char.IsSurrogatePair(text[i - 1], text[i]))
        : (char.IsControl(text[i]) && text[i] is not ('\n' or '\t')) || text[i] is (>= '\u200e' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
