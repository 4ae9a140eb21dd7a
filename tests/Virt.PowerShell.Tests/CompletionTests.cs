using System.Management.Automation;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("w", "web1,web2")]
    [InlineData("W", "web1,web2")]
    [InlineData("'bu", "'build box'")]
    [InlineData("zz", "")]
    public async Task Domains_that_begin_with_the_word_are_proposed(string word, string expected)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(expected, string.Join(',', new Completion(lab.Session).Domains(word, []).Select(one => one.Text)));
    }

    [Theory]
    [InlineData("plain-1.x", "plain-1.x")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a[1]*", "'a`[1`]`*'")]
    [InlineData("$x", "'$x'")]
    [InlineData("7", "'7'")]
    [InlineData("-x", "'-x'")]
    [InlineData("a;b", "'a;b'")]
    public void Names_are_quoted_where_the_shell_would_take_them_apart(string name, string text) =>
        Assert.Equal(text, Completion.Propose(name, "", escape: true).Text);

    [Fact]
    public async Task Only_the_hosts_that_are_typed_are_asked()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        int before = lab["h1"].Spy.Calls.Count;
        Assert.Equal(2, new Completion(lab.Session).Domains("web", [new HostIdentity("h2")]).Count);
        Assert.Equal(before, lab["h1"].Spy.Calls.Count);
        Assert.Empty(new Completion(lab.Session).Domains("web", [new HostIdentity("h9")]));
    }

    [Fact]
    public async Task A_host_that_fails_or_hangs_proposes_nothing_and_throws_nothing()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (_, _) => throw new InvalidOperationException();
        Assert.Empty(new Completion(lab.Session).Domains("w", []));
        lab["h1"].Spy.Before = (_, _) => new TaskCompletionSource().Task;
        Assert.Empty(new Completion(lab.Session).Domains("w", []));
    }

    [Fact]
    public async Task Machines_hosts_and_URIs_are_proposed()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var completion = new Completion(lab.Session);
        Assert.Equal("test", Assert.Single(completion.Machines("t", [])).Text);
        Assert.Equal("h1", Assert.Single(completion.Hosts("")).Text);
        Assert.Equal("spy://h1/", completion.Uris("")[0].Text);
        Assert.Contains(completion.Uris("qemu"), one => one.Text == "qemu:///system");
    }

    [Fact]
    public void The_typed_hosts_are_found_in_every_form()
    {
        var bound = new Dictionary<string, object> { ["Server"] = new object[] { new PSObject("h1"), "h2", 42, "" } };
        Assert.Equal(["h1", "h2"], VirtCompleter.TypedHosts(bound).Select(host => host.ToString()));
        Assert.Empty(VirtCompleter.TypedHosts(null));
    }
}
