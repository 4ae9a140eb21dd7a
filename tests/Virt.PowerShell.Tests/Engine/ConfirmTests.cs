using System.Management.Automation;
using System.Management.Automation.Host;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>What changes something says first what it would do, and asks where that was asked for or much is at stake.</summary>
public sealed class ConfirmTests
{
    public static TheoryData<string> Changing => Examples.NamesOf(type => Commands.About(type).SupportsShouldProcess);

    public static TheoryData<string> Names => Commands.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Verbs_that_change_something_can_be_asked_what_if(string name)
    {
        CmdletInfo command = Commands.InfoOf(name);
        // Specifications are made in memory alone.
        bool changes = !command.Noun.EndsWith("Spec", StringComparison.Ordinal) && command.Verb is "Add" or "Disconnect" or "Edit" or "Export"
            or "Import" or "New" or "Remove" or "Rename" or "Restart" or "Resume" or "Set" or "Start" or "Stop" or "Suspend";
        Assert.Equal(changes, command.Parameters.ContainsKey("WhatIf"));
        Assert.Equal(changes, command.Parameters.ContainsKey("Confirm"));
    }

    [Theory]
    [MemberData(nameof(Changing))]
    public void The_more_is_lost_the_sooner_is_asked(string name)
    {
        ConfirmImpact expected = name.Split('-')[0] switch
        {
            "Remove" => ConfirmImpact.High,
            "Start" or "Resume" or "Import" or "Export" or "Disconnect" => ConfirmImpact.Low,
            "New" when name == "New-VirtDomain" => ConfirmImpact.Low,
            _ => ConfirmImpact.Medium,
        };
        Assert.Equal(expected, Commands.About(Commands.ByName(name)).ConfirmImpact);
    }

    [Theory]
    [MemberData(nameof(Changing))]
    public async Task WhatIf_says_it_and_changes_nothing(string name)
    {
        await using Lab lab = await Examples.LabAsync();
        Outcome outcome = (await lab.RunAsync($"{Examples.All[name]} -WhatIf")).Well();
        Assert.Contains("h1", Assert.Single(outcome.Effects), StringComparison.Ordinal);
        Assert.Empty(outcome.Questions);
        Assert.Empty(outcome.Output);
        Assert.DoesNotContain(lab["h1"].Spy.Calls, IsChange);
        Assert.True(lab.Host("h1").Connected);
    }

    [Theory]
    [MemberData(nameof(Changing))]
    public async Task Confirm_asks_it_and_a_no_changes_nothing(string name)
    {
        await using Lab lab = await Examples.LabAsync();
        lab.Screen.Choose = _ => "No";
        Outcome outcome = (await lab.RunAsync($"{Examples.All[name]} -Confirm")).Well();
        string question = Assert.Single(outcome.Questions);
        Assert.Contains("h1", question, StringComparison.Ordinal);
        Assert.EndsWith("?", question, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
        Assert.DoesNotContain(lab["h1"].Spy.Calls, IsChange);
        Assert.True(lab.Host("h1").Connected);
    }

    [Fact]
    public async Task A_yes_does_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Screen.Choose = _ => "Yes";
        Outcome outcome = (await lab.RunAsync("Stop-VirtDomain web1 -Confirm")).Well();
        Assert.Equal("Shut down running domain 'web1' on h1?", Assert.Single(outcome.Questions));
        Assert.Equal(DomainState.Shutoff, (await lab.DomainAsync("web1")).State);
    }

    [Theory]
    [InlineData("Yes to All", 1, 0)]
    [InlineData("No to All", 1, 3)]
    [InlineData("Yes", 3, 0)]
    [InlineData("No", 3, 3)]
    public async Task An_answer_for_all_is_asked_for_once(string answer, int questions, int left)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Screen.Choose = _ => answer;
        Outcome outcome = (await lab.RunAsync("Get-VirtDomain -State Shutoff | Remove-VirtDomain")).Well();
        Assert.Equal(questions, outcome.Questions.Count);
        Assert.Equal(left, (await lab.RunAsync("Get-VirtDomain -State Shutoff")).Output.Count);
    }

    [Theory]
    [InlineData("Remove-VirtDomain web2", "High", true)]
    [InlineData("Remove-VirtDomain web2 -Force", "High", true)]
    [InlineData("Remove-VirtDomain web2 -Confirm:$false", "High", false)]
    [InlineData("Remove-VirtDomain web2", "None", false)]
    [InlineData("Stop-VirtDomain web1", "High", false)]
    [InlineData("Stop-VirtDomain web1", "Medium", true)]
    [InlineData("Stop-VirtDomain web1 -Force", "Medium", true)]
    [InlineData("Start-VirtDomain web2", "Medium", false)]
    [InlineData("Start-VirtDomain web2", "Low", true)]
    public async Task The_preference_says_what_is_asked(string script, string preference, bool asks)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Screen.Choose = _ => "Yes";
        Outcome outcome = (await lab.RunAsync($"$ConfirmPreference = '{preference}'; {script}")).Well();
        Assert.Equal(asks ? 1 : 0, outcome.Questions.Count);
    }

    [Fact]
    public async Task What_must_be_asked_is_not_done_where_nobody_can_be_asked()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync("Remove-VirtDomain web2");
        Assert.IsType<HostException>(error.Exception);
        Assert.Equal("web2", (await lab.DomainAsync("web2")).Name);
        (await lab.RunAsync("Remove-VirtDomain web2 -Confirm:$false")).Well();
        await Assert.ThrowsAsync<VirtNotFoundException>(() => lab.DomainAsync("web2"));
    }

    [Fact]
    public async Task WhatIf_is_a_preference_too()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync("$WhatIfPreference = $true; Stop-VirtDomain web1; Suspend-VirtDomain test -WhatIf:$false")).Well();
        Assert.Equal("Shut down running domain 'web1' on h1", Assert.Single(outcome.Effects));
        Assert.Equal(DomainState.Paused, (await lab.DomainAsync("test")).State);
    }

    [Fact]
    public async Task What_is_done_without_asking_is_in_the_verbose_stream()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains("Shut down running domain 'web1' on h1", (await lab.RunAsync("Stop-VirtDomain web1 -Verbose")).VerboseLines);
    }

    private static bool IsChange(string call) =>
        !call.StartsWith("Get", StringComparison.Ordinal) && !call.StartsWith("List", StringComparison.Ordinal);
}
