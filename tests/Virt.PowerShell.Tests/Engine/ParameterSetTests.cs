using System.Management.Automation;

namespace Virt.Tests.PowerShell;

/// <summary>The engine can tell from the parameters that are given which way of calling a command is meant.</summary>
public sealed class ParameterSetTests
{
    public static TheoryData<string> Names => Commands.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_set_of_a_command_can_be_chosen_and_is_in_order(string name)
    {
        CmdletInfo command = Commands.InfoOf(name);
        if (command.ParameterSets.Count > 1)
            Assert.Single(command.ParameterSets, set => set.IsDefault);
        foreach (CommandParameterSetInfo set in command.ParameterSets)
        {
            var others = command.ParameterSets.Where(other => other != set).Select(other => other.Parameters.Select(one => one.Name).ToHashSet());
            Assert.True(
                set.IsDefault || command.ParameterSets.Count == 1 || others.All(other => set.Parameters.Any(one => !other.Contains(one.Name))),
                $"no parameter leads to the set {set.Name}");
            int[] positions = [.. set.Parameters.Select(one => one.Position).Where(position => position >= 0).Order()];
            Assert.Equal(positions.Distinct(), positions);
            Assert.True(set.Parameters.Count(one => one.ValueFromPipeline) <= 1, $"two parameters of the set {set.Name} take the pipeline");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_of_one_meaning_have_one_name(string name)
    {
        CmdletInfo command = Commands.InfoOf(name);
        if (command.Parameters.TryGetValue("VirtHost", out ParameterMetadata? host))
            Assert.Equal(["ComputerName", "Server"], host.Aliases.Intersect(["Server", "ComputerName"]).Order());
        if (command.Parameters.TryGetValue("TimeoutSec", out ParameterMetadata? timeout))
            Assert.Equal(typeof(int), timeout.ParameterType);
        // One alias for two parameters would make both unusable.
        string[] words = [.. command.Parameters.Values.SelectMany(one => one.Aliases.Append(one.Name))];
        Assert.Equal(words.Distinct(StringComparer.OrdinalIgnoreCase), words);
    }

    [Theory]
    [InlineData("Get-VirtDomain -Id 1 -Uuid 3d4f2a10-0001-4c6e-9b1a-5a0e5f6b7c05")]
    [InlineData("Stop-VirtDomain web1 -TurnOff -Save")]
    [InlineData("Stop-VirtDomain web1 -NoWait -TurnOff")]
    [InlineData("Stop-VirtDomain web1 -NoWait -Force")]
    [InlineData("Stop-VirtDomain web1 -Save -TimeoutSec 5")]
    [InlineData("New-VirtDomain -Path /a -Xml '<domain/>'")]
    [InlineData("New-VirtDomain -Path /a -Memory 1GB")]
    [InlineData("Measure-VirtDomain -Count 2 -Continuous")]
    public Task Ways_that_exclude_each_other_are_told_apart(string script) => RefusedAsync(script, "AmbiguousParameterSet");

    [Theory]
    [InlineData("Get-VirtDomain web1 -Id 1")]
    [InlineData("New-VirtDomain n1 -Xml '<domain/>'")]
    [InlineData("Import-VirtDomain /a -Xml '<domain/>'")]
    [InlineData("Add-VirtDisk web1 5GB -Path /a")]
    [InlineData("Add-VirtDevice web1 watchdog -Xml '<watchdog/>'")]
    [InlineData("Set-VirtDevice web1 watchdog @{ Action = 'none' } -Xml '<watchdog/>'")]
    [InlineData("Test-VirtHost h1 -Uri spy://h1/")]
    [InlineData("Edit-VirtXml web1 { } -Editor vi")]
    [InlineData("New-VirtSecret Ceph db -Xml '<secret/>'")]
    public Task What_stands_at_a_place_of_another_way_is_refused(string script) => RefusedAsync(script, "PositionalParameterNotFound");

    [Theory]
    [InlineData("Restart-VirtDomain web1 -WhatIf", "Reboot running domain 'web1' on h1")]
    [InlineData("Restart-VirtDomain web1 -Wait -WhatIf", "Shut down and start running domain 'web1' on h1")]
    [InlineData("Restart-VirtDomain web1 -Force -WhatIf", "Reset running domain 'web1' on h1")]
    [InlineData("Stop-VirtDomain web1 -NoWait -WhatIf", "Shut down running domain 'web1' on h1")]
    [InlineData("New-VirtDomain n1 -WhatIf", "Define domain 'n1' on h1: 1 GiB, 1 virtual CPU, network card on user network")]
    [InlineData("'<domain><name>n2</name></domain>' | New-VirtDomain -Start -WhatIf", "Define and start domain 'n2' on h1")]
    [InlineData("Add-VirtDisk web1 -Path /d/a.img -Bus scsi -WhatIf", "Add disk '/d/a.img' to domain 'web1' on h1")]
    [InlineData("New-VirtSecret Ceph db -WhatIf", "'db'")]
    public async Task The_set_that_is_meant_is_carried_out(string script, string effect)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains(effect, Assert.Single((await lab.RunAsync(script)).Well().Effects), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(string script, string id)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync(script);
        Assert.StartsWith(id + ",Virt.PowerShell.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.DoesNotContain(lab["h1"].Spy.Calls, call => call != "GetHost");
    }
}
