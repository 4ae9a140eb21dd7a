using System.Management.Automation;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class GetVirtDomainTests
{
    [Fact]
    public async Task Lists_only_active_domains_without_arguments()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync("Get-VirtDomain")).Well();
        Assert.Equal(["db1", "legacy1", "test", "web1"], outcome.DomainNames);
    }

    [Fact]
    public async Task Lists_the_inactive_too_with_All()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(7, (await lab.RunAsync("Get-VirtDomain -All")).Output.Count);
    }

    [Fact]
    public async Task Searches_the_inactive_for_a_name()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["web2"], (await lab.RunAsync("Get-VirtDomain WEB2")).DomainNames);
    }

    [Fact]
    public async Task Searches_all_for_a_state()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["build box", "report1", "web2"], (await lab.RunAsync("Get-VirtDomain -State Shutoff")).DomainNames);
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_an_error_with_the_input_as_target_and_the_others_are_found()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Get-VirtDomain nope, web1");
        var error = outcome.Error("VirtDomainNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal("nope", error.TargetObject);
        Assert.Contains("'nope' on h1", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("Get-VirtDomain", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["web1"], outcome.DomainNames);
    }

    [Fact]
    public async Task A_wildcard_that_matches_nothing_is_silent()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Empty((await lab.RunAsync("Get-VirtDomain nope*")).Well().Output);
    }

    [Fact]
    public async Task Names_that_overlap_give_each_domain_once_in_one_call()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["web1", "web2"], (await lab.RunAsync("Get-VirtDomain web*, web1")).DomainNames);
        Assert.Single(lab["h1"].Spy.Calls, call => call == "ListDomains");
    }

    [Fact]
    public async Task Finds_by_runtime_id_and_by_uuid()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtDomain web1 = await lab.DomainAsync("web1");
        Assert.Equal(["web1"], (await lab.RunAsync($"Get-VirtDomain -Id {web1.Id}")).DomainNames);
        Assert.Equal(["web1"], (await lab.RunAsync($"Get-VirtDomain -Uuid {web1.Uuid}")).DomainNames);
        Outcome missing = await lab.RunAsync("Get-VirtDomain -Id 4711");
        Assert.Equal(4711, missing.Error("VirtDomainNotFound", ErrorCategory.ObjectNotFound).TargetObject);
    }

    [Fact]
    public async Task A_switch_set_to_false_asks_for_the_opposite()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.DoesNotContain("web1", (await lab.RunAsync("Get-VirtDomain -All -Autostart:$false")).DomainNames);
        Assert.Contains("web1", (await lab.RunAsync("Get-VirtDomain -All")).DomainNames);
    }

    [Fact]
    public async Task Asks_all_hosts_and_VirtHost_narrows()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Outcome all = await lab.RunAsync("Get-VirtDomain web1");
        Assert.Equal(["h1", "h2"], all.Output.Cast<VirtDomain>().Select(domain => domain.VirtHost.Name));
        Assert.Equal("h2", (await lab.RunAsync("Get-VirtDomain web1 -VirtHost h2")).Single<VirtDomain>().VirtHost.Name);
    }

    [Fact]
    public async Task A_host_that_fails_is_an_error_and_the_others_answer()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        lab["h1"].Spy.Before = (_, _) => throw new VirtException(VirtErrorCode.InternalError, "broken");
        Outcome outcome = await lab.RunAsync("Get-VirtDomain -All");
        Assert.Same(lab.Host("h1"), outcome.Error("VirtInternalError", ErrorCategory.NotSpecified).TargetObject);
        Assert.Equal(7, outcome.Output.Count);
    }

    [Fact]
    public async Task What_a_host_that_fails_has_is_not_called_missing()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        lab["h1"].Spy.Before = (_, _) => throw new VirtException(VirtErrorCode.InternalError, "broken");
        (await lab.RunAsync("Get-VirtDomain nope")).Error("VirtInternalError", ErrorCategory.NotSpecified);
    }

    [Fact]
    public async Task A_host_that_is_not_connected_ends_the_command()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync("Get-VirtDomain -VirtHost h9");
        Assert.Equal("VirtHostNotConnected,Virt.PowerShell.GetVirtDomainCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Tells_each_call_and_its_time_in_the_verbose_stream()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Get-VirtDomain -Verbose");
        Assert.Matches(@"^h1: ListDomains took [\d.,]+ ms$", Assert.Single(outcome.VerboseLines));
        Assert.Empty((await lab.RunAsync("Get-VirtDomain")).VerboseLines);
    }
}
