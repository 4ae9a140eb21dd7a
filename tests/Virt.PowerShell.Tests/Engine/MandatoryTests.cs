using System.Management.Automation;
using System.Reflection;

namespace Virt.Tests.PowerShell;

/// <summary>A parameter that is missing is asked for, and an error where nobody can be asked.</summary>
public sealed class MandatoryTests
{
    public static TheoryData<string> Names => Examples.NamesOf(type => Missing(type).Length > 0);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_missing_is_named_where_nobody_can_be_asked(string name)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync(name);
        Assert.Equal($"MissingMandatoryParameter,{Commands.ByName(name).FullName}", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.All(Missing(Commands.ByName(name)), parameter => Assert.Contains(parameter, error.Exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain(lab["h1"].Spy.Calls, call => call != "GetHost");
    }

    [Fact]
    public async Task What_is_missing_is_asked_for_where_somebody_is_there()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Screen.Fill = parameter => parameter switch { "Name[0]" or "Name" => "web2", _ => "www" };
        Assert.Equal(["www"], (await lab.RunAsync("Rename-VirtDomain -PassThru")).Well().DomainNames);
    }

    // Of the set that is chosen when nothing is given.
    private static string[] Missing(Type type)
    {
        string? set = Commands.About(type).DefaultParameterSetName;
        return
        [
            .. type.GetProperties().Where(property => property.GetCustomAttributes<ParameterAttribute>().Any(parameter =>
                parameter.Mandatory && (set is null || parameter.ParameterSetName == ParameterAttribute.AllParameterSets || parameter.ParameterSetName == set)))
                .Select(property => property.Name),
        ];
    }
}
