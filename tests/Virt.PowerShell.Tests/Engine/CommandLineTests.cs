namespace Virt.Tests.PowerShell;

/// <summary>What the Tab key proposes on a command line.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("Stop-VirtDomain w", "web1", "web2")]
    [InlineData("Get-VirtDomain -Name WE", "web1", "web2")]
    [InlineData("Get-VirtDomain web1, bu", "'build box'")]
    [InlineData("Get-VirtXml bu", "'build box'")]
    [InlineData("Start-VirtDomain 'bu", "'build box'")]
    [InlineData("Get-VirtDomain -VirtHost h", "h1", "h2")]
    [InlineData("Get-VirtDomain -VirtHost h2 w", "web1", "web2")]
    [InlineData("Wait-VirtDomain web1 -State Shut", "Shutdown", "Shutoff")]
    [InlineData("New-VirtDomain x -Machine te", "test")]
    [InlineData("New-VirtDomain x -Firmware ", "bios", "efi")]
    [InlineData("New-VirtDomain x -Graphics v", "vnc")]
    [InlineData("Set-VirtDisk web1 ", "sda", "vda")]
    [InlineData("Get-VirtNic web1 5", "'52:54:00:00:00:01'")]
    [InlineData("Get-VirtDevice web1 -Alias gr", "graphics0")]
    [InlineData("Set-VirtDomain web1 -Scope C", "Config", "Current")]
    [InlineData("Connect-VirtHost spy", "spy://h1/", "spy://h2/")]
    [InlineData("Get-VirtDom", "Get-VirtDomain")]
    [InlineData("Stop-VirtDomain web1 -Tu", "-TurnOff")]
    [InlineData("Stop-VirtDomain web1 -TurnOff -S", "-Server")]
    [InlineData("Get-VirtDomain | Where-Object MaximumM", "MaximumMemory")]
    [InlineData("Get-VirtDisk web1 | Select-Object Capac", "Capacity", "CapacityGB")]
    [InlineData("(Get-VirtDomain web1).HasS", "HasSavedState", "HasSnapshot")]
    public async Task A_line_is_completed(string line, params string[] expected)
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Assert.Equal(expected, (await lab.CompleteAsync(line)).Select(proposal => proposal.CompletionText));
    }

    [Fact]
    public async Task State_and_memory_are_beside_the_name()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal("Running, 4 GiB, h1", (await lab.CompleteAsync("Stop-VirtDomain web1"))[0].ToolTip);
    }

    [Fact]
    public async Task What_is_proposed_is_taken()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("New-VirtDomain \"it's [1]\"")).Well();
        string proposed = (await lab.CompleteAsync("Get-VirtDomain it"))[0].CompletionText;
        Assert.Equal(["it's [1]"], (await lab.RunAsync($"Get-VirtDomain {proposed}")).DomainNames);
    }

    [Fact]
    public async Task A_host_that_fails_proposes_nothing_and_says_nothing()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = (_, _) => throw new InvalidOperationException("broken");
        Assert.DoesNotContain("web1", (await lab.CompleteAsync("Get-VirtDomain we")).Select(proposal => proposal.CompletionText));
        Assert.Equal(0, (await lab.RunAsync("$Error.Count")).Single<int>());
    }
}
