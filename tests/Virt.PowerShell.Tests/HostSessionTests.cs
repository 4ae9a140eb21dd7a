using System.Management.Automation;
using Virt.Connections;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class HostSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connecting_makes_the_host_a_default_and_publishes_it()
    {
        await using Lab lab = new();
        VirtHost host = (await lab.RunAsync("Connect-VirtHost spy://h1/")).Single<VirtHost>();
        Assert.Equal("h1", host.Name);
        Assert.Same(host, (await lab.RunAsync("$global:DefaultVirtHosts")).Single<VirtHost>());
        Assert.Equal([host], Assert.IsType<VirtHost[]>(lab.Runspace.SessionStateProxy.GetVariable("DefaultVirtHosts")));
    }

    [Fact]
    public async Task NotDefault_leaves_it_out()
    {
        await using Lab lab = new();
        (await lab.RunAsync("Connect-VirtHost spy://h1/ -NotDefault")).Well();
        Assert.Empty(lab.Session.Defaults);
        Assert.Single(lab.Session.Hosts);
    }

    [Fact]
    public async Task The_same_URI_is_not_opened_twice()
    {
        await using Lab lab = new();
        (await lab.RunAsync("Connect-VirtHost spy://h1/; Connect-VirtHost spy://h1/")).Well();
        Assert.Equal(1, lab.Module.Opened);
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_by_connecting_and_stays_one_host()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break();
        Assert.False(lab.Host("h1").Connected);
        (await lab.RunAsync("Connect-VirtHost spy://h1/")).Well();
        Assert.True(Assert.Single(lab.Session.Defaults).Connected);
        Assert.Equal(2, lab.Module.Opened);
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_by_the_next_command()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break();
        Assert.Equal(7, (await lab.RunAsync("Get-VirtDomain -All")).Output.Count);
    }

    [Fact]
    public async Task Without_a_host_the_first_command_opens_the_default_and_publishes_it()
    {
        await using Lab lab = new();
        Assert.Equal(7, (await lab.RunAsync("Get-VirtDomain -All")).Output.Count);
        Assert.Equal("default", Assert.Single(lab.Session.Defaults).Name);
        Assert.Equal("default", (await lab.RunAsync("$DefaultVirtHosts")).Single<VirtHost>().Name);
    }

    [Fact]
    public async Task After_a_failed_connect_no_command_goes_to_the_default_by_itself()
    {
        await using Lab lab = new();
        ErrorRecord error = (await lab.RunAsync("Connect-VirtHost spy://down/"))
            .Error("VirtConnectionFailed", ErrorCategory.ConnectionError);
        Assert.Equal("spy://down/", error.TargetObject);
        Assert.Equal("Start virtd there.", error.ErrorDetails.RecommendedAction);
        Assert.Equal(
            "VirtNoConnection,Virt.PowerShell.GetVirtDomainCommand", (await lab.RunToItsEndAsync("Get-VirtDomain")).FullyQualifiedErrorId);
        Assert.Equal(0, lab.Module.Opened);
        (await lab.RunAsync("Connect-VirtHost; Get-VirtDomain")).Well();
    }

    [Fact]
    public async Task A_closed_host_is_an_error_that_says_how_to_connect()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtHost host = lab.Host("h1");
        (await lab.RunAsync("$web1 = Get-VirtDomain web1; Disconnect-VirtHost")).Well();
        Assert.Empty(lab.Session.Hosts);
        Assert.False(host.Connected);
        ErrorRecord error = (await lab.RunAsync("$web1 | Stop-VirtDomain"))
            .Error("VirtConnectionClosed", ErrorCategory.ConnectionError);
        Assert.Contains("Connect-VirtHost 'spy://h1/'", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_answers_the_host()
    {
        await using Lab lab = new();
        lab.Set("right", Made.Credential("ann", "secret")).Set("wrong", Made.Credential("ann", "guess"));
        (await lab.RunAsync("Connect-VirtHost spy://asks/ -Credential $right")).Well();
        ErrorRecord error = (await lab.RunAsync("Connect-VirtHost spy://asks/ -Credential $wrong"))
            .Error("VirtAuthenticationFailed", ErrorCategory.AuthenticationError);
        Assert.DoesNotContain("guess", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_name_as_credential_asks_for_the_password()
    {
        await using Lab lab = new();
        lab.Screen.Identify = _ => Made.Credential("ann", "secret");
        (await lab.RunAsync("Connect-VirtHost spy://asks/ -Credential ann")).Well();
    }

    [Fact]
    public async Task Without_a_credential_the_user_is_asked_on_the_pipeline_thread()
    {
        await using Lab lab = new();
        int thread = 0;
        lab.Screen.Identify = _ =>
        {
            thread = Environment.CurrentManagedThreadId;
            return Made.Credential("ann", "secret");
        };
        Outcome outcome = await lab.RunAsync("[Environment]::CurrentManagedThreadId; Connect-VirtHost spy://asks/ | Out-Null");
        Assert.Equal(thread, outcome.Well().Single<int>());
    }

    [Fact]
    public async Task A_lost_connection_that_asks_again_is_an_error_and_does_not_hang()
    {
        await using Lab lab = new();
        lab.Screen.Identify = _ => Made.Credential("ann", "secret");
        (await lab.RunAsync("Connect-VirtHost spy://asks/")).Well();
        lab["asks"].Break();
        (await lab.RunAsync("Get-VirtDomain")).Error("VirtAuthenticationCancelled", ErrorCategory.AuthenticationError);
    }

    [Fact]
    public async Task A_credential_serves_when_the_connection_is_opened_again()
    {
        await using Lab lab = new();
        lab.Set("right", Made.Credential("ann", "secret"));
        (await lab.RunAsync("Connect-VirtHost spy://asks/ -Credential $right")).Well();
        lab["asks"].Break();
        (await lab.RunAsync("Get-VirtDomain")).Well();
    }

    [Fact]
    public async Task A_user_who_gives_no_answer_is_an_authentication_error()
    {
        await using Lab lab = new();
        (await lab.RunAsync("Connect-VirtHost spy://asks/")).Error("VirtAuthenticationFailed", ErrorCategory.AuthenticationError);
    }

    [Fact]
    public async Task Hosts_that_the_user_put_into_the_variable_are_the_defaults()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Outcome outcome = await lab.RunAsync("$global:DefaultVirtHosts = Get-VirtHost h2; Get-VirtDomain web1");
        Assert.Equal("h2", outcome.Single<VirtDomain>().VirtHost.Name);
        Outcome many = await lab.RunAsync("$global:DefaultVirtHosts = @(Get-VirtHost h2, h1); Get-VirtDomain web1");
        Assert.Equal(["h1", "h2"], many.Output.Cast<VirtDomain>().Select(domain => domain.VirtHost.Name).Order());
    }

    [Fact]
    public async Task Many_threads_open_the_default_once()
    {
        await using Lab lab = new();
        var opened = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => Task.Run(() => lab.Session.DefaultsAsync(ConnectAuth.None, Cancel), Cancel)));
        Assert.Single(opened.SelectMany(hosts => hosts).Distinct());
        Assert.Equal(1, lab.Module.Opened);
    }

    [Fact]
    public async Task Disconnect_names_what_is_not_there_and_takes_wildcards()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2", "x1");
        (await lab.RunAsync("Disconnect-VirtHost h*")).Well();
        Assert.Equal(["x1"], lab.Session.Hosts.Select(host => host.Name));
        (await lab.RunAsync("Disconnect-VirtHost h9")).Error("VirtHostNotConnected", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task WhatIf_keeps_the_connection()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Disconnect-VirtHost -WhatIf");
        Assert.Equal("Close the connection to h1 (spy://h1/)", Assert.Single(outcome.Effects));
        Assert.True(lab.Host("h1").Connected);
    }

    [Fact]
    public async Task Checks_of_a_host_that_is_down_are_a_failed_check_and_no_error()
    {
        await using Lab lab = new();
        var check = (await lab.RunAsync("Test-VirtHost -Uri spy://down/")).Well().Single<VirtHostCheck>();
        Assert.Equal((CheckStatus.Fail, "Start virtd there."), (check.Status, check.Recommendation));
        Assert.Empty(lab.Session.Hosts);
    }

    [Fact]
    public async Task A_check_that_fails_does_not_keep_the_next_from_being_made()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (call, _) => call == "GetHostCapabilities"
            ? throw new VirtException(VirtErrorCode.InternalError, "no probe")
            : Task.CompletedTask;
        var checks = (await lab.RunAsync("Test-VirtHost")).Output.Cast<VirtHostCheck>().ToList();
        Assert.Equal("no probe", Assert.Single(checks, check => check.Status == CheckStatus.Fail).Message);
        Assert.Equal("Events", checks[^1].Check);
    }

    [Fact]
    public async Task Get_VirtHost_shows_a_host_that_is_gone_and_says_why()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (_, _) => throw VirtException.Create(VirtErrorCode.RpcError, "gone");
        Outcome outcome = await lab.RunAsync("Get-VirtHost");
        Assert.Single(outcome.Output);
        outcome.Error("VirtConnectionLost", ErrorCategory.ConnectionError);
    }
}
