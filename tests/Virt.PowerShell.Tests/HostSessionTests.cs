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
        var command = lab.Run(new ConnectVirtHostCommand { Uri = ["spy://h1/"] });
        Assert.Equal("h1", Assert.IsType<VirtHost>(Assert.Single(command.Output)).Name);
        Assert.Equal(
            command.Output, Assert.IsType<VirtHost[]>(command.SessionState.PSVariable.GetValue("global:DefaultVirtHosts")));
    }

    [Fact]
    public async Task NotDefault_leaves_it_out()
    {
        await using Lab lab = new();
        lab.Run(new ConnectVirtHostCommand { Uri = ["spy://h1/"], NotDefault = true });
        Assert.Empty(lab.Session.Defaults);
        Assert.Single(lab.Session.Hosts);
    }

    [Fact]
    public async Task The_same_URI_is_not_opened_twice()
    {
        await using Lab lab = new();
        lab.Run(new ConnectVirtHostCommand { Uri = ["spy://h1/"] });
        lab.Run(new ConnectVirtHostCommand { Uri = ["spy://h1/"] });
        Assert.Equal(1, lab.Module.Opened);
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_by_connecting_and_stays_one_host()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break();
        Assert.False(lab.Host("h1").Connected);
        lab.Run(new ConnectVirtHostCommand { Uri = ["spy://h1/"] });
        Assert.True(Assert.Single(lab.Session.Defaults).Connected);
        Assert.Equal(2, lab.Module.Opened);
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_by_the_next_command()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break();
        Assert.Equal(7, lab.Run(new GetVirtDomainCommand { All = true }).Output.Count);
    }

    [Fact]
    public async Task Without_a_host_the_first_command_opens_the_default_and_publishes_it()
    {
        await using Lab lab = new();
        var command = lab.Run(new GetVirtDomainCommand { All = true });
        Assert.Equal(7, command.Output.Count);
        Assert.Equal("default", Assert.Single(lab.Session.Defaults).Name);
    }

    [Fact]
    public async Task After_a_failed_connect_no_command_goes_to_the_default_by_itself()
    {
        await using Lab lab = new();
        var connect = lab.Run(new ConnectVirtHostCommand { Uri = ["spy://down/"] });
        var error = connect.Error("VirtConnectionFailed", ErrorCategory.ConnectionError);
        Assert.Equal("spy://down/", error.TargetObject);
        Assert.Equal("Start virtd there.", error.ErrorDetails!.RecommendedAction);
        Assert.Equal("VirtNoConnection", lab.RunToItsEnd(new GetVirtDomainCommand()).FullyQualifiedErrorId);
        Assert.Equal(0, lab.Module.Opened);
        lab.Run(new ConnectVirtHostCommand());
        Assert.Empty(lab.Run(new GetVirtDomainCommand()).Errors);
    }

    [Fact]
    public async Task A_closed_host_is_an_error_that_says_how_to_connect()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtHost host = lab.Host("h1");
        VirtDomain domain = await lab.DomainAsync("web1");
        lab.Run(new DisconnectVirtHostCommand());
        Assert.Empty(lab.Session.Hosts);
        Assert.False(host.Connected);
        var error = lab.Run(new StopVirtDomainCommand(), null, [new DomainIdentity(domain)])
            .Error("VirtConnectionClosed", ErrorCategory.ConnectionError);
        Assert.Contains("Connect-VirtHost 'spy://h1/'", error.ErrorDetails!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_answers_the_host()
    {
        await using Lab lab = new();
        var right = new PSCredential("ann", "secret");
        var command = lab.Run(new ConnectVirtHostCommand { Uri = ["spy://asks/"], Credential = right });
        Assert.Empty(command.Errors);
        var wrong = lab.Run(new ConnectVirtHostCommand { Uri = ["spy://asks/"], Credential = new PSCredential("ann", "guess") });
        var error = wrong.Error("VirtAuthenticationFailed", ErrorCategory.AuthenticationError);
        Assert.DoesNotContain("guess", error.ErrorDetails!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_credential_the_user_is_asked_on_the_pipeline_thread()
    {
        await using Lab lab = new();
        int thread = 0;
        var command = new ConnectVirtHostCommand { Uri = ["spy://asks/"] };
        command.Host.UI.Answer = _ =>
        {
            thread = Environment.CurrentManagedThreadId;
            return new PSCredential("ann", "secret");
        };
        int mine = Environment.CurrentManagedThreadId;
        lab.Run(command);
        Assert.Empty(command.Errors);
        Assert.Equal(mine, thread);
    }

    [Fact]
    public async Task A_lost_connection_that_asks_again_is_an_error_and_does_not_hang()
    {
        await using Lab lab = new();
        var command = new ConnectVirtHostCommand { Uri = ["spy://asks/"] };
        command.Host.UI.Answer = _ => new PSCredential("ann", "secret");
        lab.Run(command);
        lab["asks"].Break();
        lab.Run(new GetVirtDomainCommand()).Error("VirtAuthenticationCancelled", ErrorCategory.AuthenticationError);
    }

    [Fact]
    public async Task A_credential_serves_when_the_connection_is_opened_again()
    {
        await using Lab lab = new();
        lab.Run(new ConnectVirtHostCommand { Uri = ["spy://asks/"], Credential = new PSCredential("ann", "secret") });
        lab["asks"].Break();
        Assert.Empty(lab.Run(new GetVirtDomainCommand()).Errors);
    }

    [Fact]
    public async Task A_user_who_gives_no_answer_is_an_authentication_error()
    {
        await using Lab lab = new();
        var command = lab.Run(new ConnectVirtHostCommand { Uri = ["spy://asks/"] });
        command.Error("VirtAuthenticationFailed", ErrorCategory.AuthenticationError);
    }

    [Fact]
    public async Task Hosts_that_the_user_put_into_the_variable_are_the_defaults()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        var command = new GetVirtDomainCommand { Name = ["web1"] };
        command.SessionState.PSVariable.Set("global:DefaultVirtHosts", new object[] { new PSObject(lab.Host("h2")) });
        lab.Run(command);
        Assert.Equal("h2", Assert.IsType<VirtDomain>(Assert.Single(command.Output)).VirtHost.Name);
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
        lab.Run(new DisconnectVirtHostCommand { VirtHost = [new HostIdentity("h*")] });
        Assert.Equal(["x1"], lab.Session.Hosts.Select(host => host.Name));
        var missing = lab.Run(new DisconnectVirtHostCommand { VirtHost = [new HostIdentity("h9")] });
        Assert.Equal("VirtHostNotConnected", Assert.Single(missing.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task WhatIf_keeps_the_connection()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new DisconnectVirtHostCommand { Confirmed = false });
        Assert.Equal("Close the connection to h1 (spy://h1/)", Assert.Single(command.Effects));
        Assert.True(lab.Host("h1").Connected);
    }

    [Fact]
    public async Task Checks_of_a_host_that_is_down_are_a_failed_check_and_no_error()
    {
        await using Lab lab = new();
        var command = lab.Run(new TestVirtHostCommand { Uri = ["spy://down/"] }, "Uri");
        Assert.Empty(command.Errors);
        var check = Assert.IsType<VirtHostCheck>(Assert.Single(command.Output));
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
        var checks = lab.Run(new TestVirtHostCommand()).Output.Cast<VirtHostCheck>().ToList();
        Assert.Equal("no probe", Assert.Single(checks, check => check.Status == CheckStatus.Fail).Message);
        Assert.Equal("Events", checks[^1].Check);
    }

    [Fact]
    public async Task Get_VirtHost_shows_a_host_that_is_gone_and_says_why()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (_, _) => throw VirtException.Create(VirtErrorCode.RpcError, "gone");
        var command = lab.Run(new GetVirtHostCommand());
        Assert.Single(command.Output);
        command.Error("VirtConnectionLost", ErrorCategory.ConnectionError);
    }
}
