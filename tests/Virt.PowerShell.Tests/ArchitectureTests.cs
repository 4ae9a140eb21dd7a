using System.Management.Automation;
using System.Reflection;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class ArchitectureTests
{
    private static readonly IReadOnlyList<Type> Commands =
        [.. typeof(VirtCommand).Assembly.GetTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null)];

    [Fact]
    public void Each_command_is_sealed_and_called_as_it_is_typed() => Assert.All(Commands, type =>
    {
        var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        Assert.True(type.IsSealed);
        Assert.Equal($"{cmdlet.VerbName}{cmdlet.NounName}Command", type.Name);
        Assert.True(type.IsSubclassOf(typeof(VirtCommand)));
    });

    [Fact]
    public void Each_command_that_changes_domains_can_be_asked_what_if() => Assert.All(
        Commands.Where(type => type.IsSubclassOf(typeof(DomainChangeCommand))),
        type => Assert.True(type.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess));

    [Theory]
    [InlineData(typeof(RemoveVirtDomainCommand), ConfirmImpact.High)]
    [InlineData(typeof(StopVirtDomainCommand), ConfirmImpact.Medium)]
    public void Impacts_are_as_documented(Type command, ConfirmImpact impact) =>
        Assert.Equal(impact, command.GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact);

    [Fact]
    public void The_manifest_exports_each_command()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Virt.psd1")))
            folder = Path.GetDirectoryName(folder);
        string manifest = File.ReadAllText(Path.Combine(folder!, "Virt.psd1"));
        Assert.All(Commands.Select(type => type.GetCustomAttribute<CmdletAttribute>()!), cmdlet =>
            Assert.Contains($"'{cmdlet.VerbName}-{cmdlet.NounName}'", manifest, StringComparison.Ordinal));
    }

    [Fact]
    public void Core_knows_no_PowerShell() => Assert.DoesNotContain(
        typeof(Virt.Connections.VirtConnection).Assembly.GetReferencedAssemblies(),
        reference => reference.Name!.Contains("Automation", StringComparison.Ordinal)
        || reference.Name.StartsWith("Virt.", StringComparison.Ordinal));
}
