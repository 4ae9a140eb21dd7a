using System.Management.Automation;
using System.Reflection;

namespace Virt.Tests.PowerShell;

/// <summary>What commands write is what they say they write.</summary>
public sealed class OutputTypeTests
{
    public static TheoryData<string> Names => Commands.Names;

    public static TheoryData<string> Quiet => Examples.NamesOf(type => type.GetProperty("PassThru") is not null);

    [Fact]
    public void Each_command_has_an_example_here() => Assert.Equal(Commands.All.Select(Commands.NameOf).Order(StringComparer.Ordinal), Examples.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_written_is_of_the_type_that_is_said(string name)
    {
        await using Lab lab = await Examples.LabAsync();
        bool quiet = Commands.ByName(name).GetProperty("PassThru") is not null;
        Type[] said = [.. Commands.InfoOf(name).OutputType.Select(output => output.Type).Where(type => type != typeof(void))];
        Outcome outcome = (await lab.RunAsync($"$ConfirmPreference = 'None'; {WithPassThru(name, quiet)}")).Well();
        Assert.Equal(said.Length > 0, outcome.Output.Count > 0);
        Assert.All(outcome.Output, one => Assert.Contains(said, type => type.IsInstanceOfType(one)));
    }

    [Theory]
    [MemberData(nameof(Quiet))]
    public async Task With_PassThru_alone_a_change_writes_something(string name)
    {
        await using Lab lab = await Examples.LabAsync();
        Assert.Empty((await lab.RunAsync($"$ConfirmPreference = 'None'; {Examples.All[name]}")).Well().Output);
        Assert.Equal(typeof(SwitchParameter), Commands.ByName(name).GetProperty("PassThru", BindingFlags.Public | BindingFlags.Instance)!.PropertyType);
    }

    private static string WithPassThru(string name, bool quiet) => quiet ? Examples.All[name] + " -PassThru" : Examples.All[name];
}
