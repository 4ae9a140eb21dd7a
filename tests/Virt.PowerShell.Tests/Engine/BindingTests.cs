using System.Management.Automation;
using System.Xml.Linq;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>What the engine makes of what a user types: names, positions, the pipeline, conversions and checks of values.</summary>
public sealed class BindingTests
{
    [Theory]
    [InlineData("Get-VirtDomain web1")]
    [InlineData("Get-VirtDomain -Name web1")]
    [InlineData("Get-VirtDomain -Domain WEB1")]
    [InlineData("Get-VirtDomain -VMName web1")]
    [InlineData("Get-VirtDomain w?b1")]
    [InlineData("Get-VirtDomain [v-x]eb1")]
    [InlineData("'web1' | Get-VirtDomain")]
    [InlineData("[pscustomobject]@{ Name = 'web1' } | Get-VirtDomain")]
    [InlineData("[pscustomobject]@{ VMName = 'web1'; Server = 'h1' } | Get-VirtDomain")]
    [InlineData("'Name,Other', 'web1,x' | ConvertFrom-Csv | Get-VirtDomain")]
    public async Task A_domain_is_named_in_every_usual_way(string script)
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Outcome outcome = (await lab.RunAsync(script)).Well();
        Assert.All(outcome.DomainNames, name => Assert.Equal("web1", name));
        Assert.NotEmpty(outcome.Output);
    }

    [Theory]
    [InlineData("Stop-VirtDomain web1 -WhatIf")]
    [InlineData("Get-VirtDomain web1 | Stop-VirtDomain -WhatIf")]
    [InlineData("Stop-VirtDomain (Get-VirtDomain web1) -WhatIf")]
    [InlineData("Stop-VirtDomain -InputObject (Get-VirtDomain web1) -WhatIf")]
    [InlineData("Stop-VirtDomain (Get-VirtDomain web1).Uuid -WhatIf")]
    [InlineData("Stop-VirtDomain -Uuid ([string](Get-VirtDomain web1).Uuid) -WhatIf")]
    [InlineData("Stop-VirtDomain -Id (Get-VirtDomain web1).Id -WhatIf")]
    [InlineData("(Get-VirtDomain web1).Id | Stop-VirtDomain -WhatIf")]
    [InlineData("Get-VirtDisk web1 vda | Stop-VirtDomain -WhatIf")]
    [InlineData("[pscustomobject]@{ Domain = 'web1' } | Stop-VirtDomain -WhatIf")]
    [InlineData("Get-VirtDomain web1 | Select-Object Name, VirtHost | Stop-VirtDomain -WhatIf")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-VirtDomain web1))) | Stop-VirtDomain -WhatIf")]
    public async Task A_domain_to_change_is_given_in_every_usual_way(string script)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal("Shut down running domain 'web1' on h1", Assert.Single((await lab.RunAsync(script)).Well().Effects));
    }

    [Theory]
    [InlineData("2GB", 2L << 20)]
    [InlineData("2147483648", 2L << 20)]
    [InlineData("2048MB", 2L << 20)]
    [InlineData("'2G'", 2L << 20)]
    [InlineData("2GiB", 2L << 20)]
    [InlineData("'1.5 GiB'", 3L << 19)]
    [InlineData("1.5GB", 3L << 19)]
    [InlineData("(512MB * 3)", 3L << 19)]
    public async Task A_size_is_a_number_or_text(string size, long kibibytes)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync($"New-VirtDomain n1 -Memory {size}")).Well();
        Assert.Equal(kibibytes, (long)XElement.Parse(lab["h1"].Spy.DefinedXml!).Element("memory")!);
    }

    [Theory]
    [InlineData("New-VirtDomain n1 -Memory two", "Memory", "'two' is not a size")]
    [InlineData("New-VirtDomain n1 -Memory 0", "Memory", "'0' is not a size above zero")]
    [InlineData("New-VirtDomain n1 -Disk @{ Paht = '/x' }", "Disk", "It can have Path, ")]
    [InlineData("New-VirtDomain n1 -Network br0", "Network", "bridge:br0")]
    [InlineData("Set-VirtDisk web1 -Size $null", "Size", "is not a size")]
    public async Task What_cannot_be_converted_is_told_by_the_transformation(string script, string parameter, string said)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync(script);
        Assert.StartsWith("ParameterArgumentTransformationError,Virt.PowerShell.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(parameter, Assert.IsType<ParameterBindingException>(error.Exception, exactMatch: false).ParameterName);
        Assert.Contains(said, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DefineDomain", lab["h1"].Spy.Calls);
    }

    [Theory]
    [InlineData("Get-VirtDomain ''", "Name")]
    [InlineData("Get-VirtDomain @()", "Name")]
    [InlineData("Stop-VirtDomain web1 -ThrottleLimit 0", "ThrottleLimit")]
    [InlineData("Stop-VirtDomain web1 -ThrottleLimit 1025", "ThrottleLimit")]
    [InlineData("Stop-VirtDomain web1 -TimeoutSec -1", "TimeoutSec")]
    [InlineData("Measure-VirtDomain -IntervalSec 0.05", "IntervalSec")]
    [InlineData("Register-VirtEvent -MaxTriggerCount -1", "MaxTriggerCount")]
    [InlineData("New-VirtDomain n1 -VCpu 0", "VCpu")]
    [InlineData("Register-VirtEvent web1 -Action $null", "Action")]
    public async Task A_value_out_of_range_is_refused_by_the_engine(string script, string parameter)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync(script);
        Assert.Matches("^ParameterArgument(Validation|Transformation)Error", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Equal(parameter, Assert.IsType<ParameterBindingException>(error.Exception, exactMatch: false).ParameterName);
    }

    [Theory]
    [InlineData("Wait-VirtDomain web1 -State Flying", "State", "Running")]
    [InlineData("Set-VirtDomain web1 -Scope Somewhere", "Scope", "Config")]
    [InlineData("Connect-VirtHost h -Transport Pigeon", "Transport", "Ssh")]
    [InlineData("Get-VirtDomain -Id web1", "Id", "Int32")]
    [InlineData("Get-VirtDomain -Uuid web1", "Uuid", "Guid")]
    public async Task What_a_parameter_cannot_be_is_told_with_what_it_can(string script, string parameter, string said)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync(script);
        Assert.StartsWith("CannotConvertArgumentNoMessage,Virt.PowerShell.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(parameter, Assert.IsType<ParameterBindingException>(error.Exception, exactMatch: false).ParameterName);
        Assert.Contains(said, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_that_are_no_domains_are_refused_one_by_one()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("[pscustomobject]@{ Colour = 'red' }, 'web1' | Get-VirtXml -Raw");
        ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.Equal("InputObjectNotBound,Virt.PowerShell.GetVirtXmlCommand", error.FullyQualifiedErrorId);
        Assert.Contains("<name>web1</name>", outcome.Single<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_are_given_as_objects_names_and_URIs()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        foreach (string host in (string[])["h2", "spy://h2/", "H2", "*2", "(Get-VirtHost h2)"])
            Assert.Equal("h2", (await lab.RunAsync($"Get-VirtDomain web1 -VirtHost {host}")).Single<VirtDomain>().VirtHost.Name);
        Outcome piped = await lab.RunAsync("Get-VirtHost h2 | Test-VirtHost");
        Assert.All(piped.Well().Output.Cast<VirtHostCheck>(), check => Assert.Equal("h2", check.VirtHost));
        Assert.NotEmpty(piped.Output);
    }

    [Theory]
    [InlineData("Get-VirtDomain web1 -VirtHost h2 | Stop-VirtDomain -WhatIf")]
    [InlineData("Get-VirtDomain web1 -VirtHost h2 | Get-VirtDomain | Stop-VirtDomain -WhatIf")]
    [InlineData("Get-VirtDomain web1 -VirtHost h2 | Select-Object Name, VirtHost | Stop-VirtDomain -WhatIf")]
    [InlineData("Get-VirtDisk web1 vda -VirtHost h2 | Stop-VirtDomain -WhatIf")]
    [InlineData("'Name,VirtHost', 'web1,h2' | ConvertFrom-Csv | Stop-VirtDomain -WhatIf")]
    [InlineData("'VMName,ComputerName', 'web1,h2' | ConvertFrom-Csv | Stop-VirtDomain -WhatIf")]
    public async Task Of_two_domains_of_one_name_the_one_on_the_host_that_was_given_is_meant(string script)
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Assert.Equal("Shut down running domain 'web1' on h2", Assert.Single((await lab.RunAsync(script)).Well().Effects));
    }

    [Fact]
    public async Task Parameters_are_splatted_and_shortened()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync(
            "$how = @{ Name = 'web1'; TurnOff = $true; WhatIf = $true }; Stop-VirtDomain @how; Stop-VirtDomain web1 -Turn -Wh");
        Assert.Equal(["Turn off running domain 'web1' on h1", "Turn off running domain 'web1' on h1"], outcome.Well().Effects);
    }
}
