using System.Management.Automation;
using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class GetVirtDomainTests
{
    [Fact]
    public async Task Lists_only_active_domains_without_arguments()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new GetVirtDomainCommand());
        Assert.Equal(["db1", "legacy1", "test", "web1"], command.NamesOf());
        Assert.Empty(command.Errors);
    }

    [Fact]
    public async Task Lists_the_inactive_too_with_All()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(7, lab.Run(new GetVirtDomainCommand { All = true }).Output.Count);
    }

    [Fact]
    public async Task Searches_the_inactive_for_a_name()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["web2"], lab.Run(new GetVirtDomainCommand { Name = ["WEB2"] }).NamesOf());
    }

    [Fact]
    public async Task Searches_all_for_a_state()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["build box", "report1", "web2"], lab.Run(new GetVirtDomainCommand { State = [DomainState.Shutoff] })
            .NamesOf());
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_an_error_with_the_input_as_target_and_the_others_are_found()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new GetVirtDomainCommand { Name = ["nope", "web1"] });
        var error = command.Error("VirtDomainNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal("nope", error.TargetObject);
        Assert.Contains("'nope' on h1", error.ErrorDetails!.Message, StringComparison.Ordinal);
        Assert.Contains("Get-VirtDomain", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["web1"], command.NamesOf());
    }

    [Fact]
    public async Task A_wildcard_that_matches_nothing_is_silent()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new GetVirtDomainCommand { Name = ["nope*"] });
        Assert.Empty(command.Errors);
        Assert.Empty(command.Output);
    }

    [Fact]
    public async Task Names_that_overlap_give_each_domain_once_in_one_call()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new GetVirtDomainCommand { Name = ["web*", "web1"] });
        Assert.Equal(["web1", "web2"], command.NamesOf());
        Assert.Single(lab["h1"].Spy.Calls, call => call == "ListDomains");
    }

    [Fact]
    public async Task Finds_by_runtime_id_and_by_uuid()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtDomain web1 = await lab.DomainAsync("web1");
        Assert.Equal(["web1"], lab.Run(new GetVirtDomainCommand { Id = [web1.Id!.Value] }, "Id").NamesOf());
        Assert.Equal(["web1"], lab.Run(new GetVirtDomainCommand { Uuid = [web1.Uuid] }, "Uuid").NamesOf());
        var missing = lab.Run(new GetVirtDomainCommand { Id = [4711] }, "Id");
        Assert.Equal(4711, missing.Error("VirtDomainNotFound", ErrorCategory.ObjectNotFound).TargetObject);
    }

    [Fact]
    public async Task A_switch_set_to_false_asks_for_the_opposite()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = new GetVirtDomainCommand { All = true, Autostart = false };
        command.MyInvocation.BoundParameters.Add("Autostart", command.Autostart);
        Assert.DoesNotContain("web1", lab.Run(command).NamesOf());
        Assert.Contains("web1", lab.Run(new GetVirtDomainCommand { All = true }).NamesOf());
    }

    [Fact]
    public async Task Asks_all_hosts_and_VirtHost_narrows()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        var all = lab.Run(new GetVirtDomainCommand { Name = ["web1"] });
        Assert.Equal(["h1", "h2"], all.Output.Cast<VirtDomain>().Select(domain => domain.VirtHost.Name));
        var one = lab.Run(new GetVirtDomainCommand { Name = ["web1"], VirtHost = [new HostIdentity("h2")] });
        Assert.Equal("h2", Assert.IsType<VirtDomain>(Assert.Single(one.Output)).VirtHost.Name);
    }

    [Fact]
    public async Task A_host_that_fails_is_an_error_and_the_others_answer()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        lab["h1"].Spy.Before = (_, _) => throw new Virt.Errors.VirtException(Virt.Errors.VirtErrorCode.InternalError, "broken");
        var command = lab.Run(new GetVirtDomainCommand { All = true });
        Assert.Same(lab.Host("h1"), command.Error("VirtInternalError", ErrorCategory.NotSpecified).TargetObject);
        Assert.Equal(7, command.Output.Count);
    }

    [Fact]
    public async Task What_a_host_that_fails_has_is_not_called_missing()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        lab["h1"].Spy.Before = (_, _) => throw new Virt.Errors.VirtException(Virt.Errors.VirtErrorCode.InternalError, "broken");
        var command = lab.Run(new GetVirtDomainCommand { Name = ["nope"] });
        command.Error("VirtInternalError", ErrorCategory.NotSpecified);
    }

    [Fact]
    public async Task A_host_that_is_not_connected_ends_the_command()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.RunToItsEnd(new GetVirtDomainCommand { VirtHost = [new HostIdentity("h9")] });
        Assert.Equal("VirtHostNotConnected", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.Category);
    }

    [Fact]
    public async Task Tells_each_call_and_its_time_in_the_verbose_stream()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new GetVirtDomainCommand());
        Assert.Matches(@"^h1: ListDomains took [\d.,]+ ms$", Assert.Single(command.VerboseLines));
    }
}
