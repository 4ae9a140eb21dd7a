using System.Management.Automation;
using System.Reflection;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class ArchitectureTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

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
    public void Each_command_says_what_it_writes() => Assert.All(Commands, type => Assert.NotEmpty(Outputs(type)));

    [Fact]
    public void Types_that_scripts_meet_are_found_by_name()
    {
        // Virt.Core is loaded where PowerShell does not look: what it looks for has to be forwarded by the module's own assembly.
        HashSet<Type> forwarded = [.. typeof(VirtCommand).Assembly.GetForwardedTypes()];
        Assert.All(TypesThatScriptsMeet(), type => Assert.Contains(type, forwarded));
    }

    [Fact]
    public void Public_types_can_be_loaded_before_Core_is()
    {
        // PowerShell loads them before it lets the module say where Core is: see ModuleStart.
        Assembly core = typeof(Virt.Connections.VirtConnection).Assembly;
        Assembly module = typeof(VirtCommand).Assembly;
        Assert.All(module.GetExportedTypes().Where(type => type.Namespace == typeof(VirtCommand).Namespace), type =>
        {
            IEnumerable<Type> laidOut = type.GetFields(Everything).Select(field => field.FieldType).Where(field => field.IsValueType);
            Assert.DoesNotContain([.. laidOut, .. type.GetInterfaces(), .. Bases(type)], needed => Parts(needed).Append(needed).Any(part => part.Assembly == core));
        });

        static IEnumerable<Type> Bases(Type type) => type.BaseType is { } parent ? [parent, .. Bases(parent)] : [];
    }

    [Fact]
    public void The_module_uses_no_library_but_Core() => Assert.All(
        typeof(VirtCommand).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!),
        name => Assert.False(name.StartsWith("MessagePack", StringComparison.Ordinal) || name == "Renci.SshNet", name));

    [Fact]
    public void Core_knows_no_PowerShell() => Assert.DoesNotContain(
        typeof(Virt.Connections.VirtConnection).Assembly.GetReferencedAssemblies(),
        reference => reference.Name!.Contains("Automation", StringComparison.Ordinal)
        || reference.Name.StartsWith("Virt.", StringComparison.Ordinal));

    [Fact]
    public void What_commands_say_passes_the_filter()
    {
        // VirtCommand hides these methods by its own, which make text visible; a call that reaches the engine's passes it by.
        string[] said = ["WriteWarning", "WriteVerbose", "WriteDebug", "WriteInformation", "WriteProgress", "ShouldProcess", "ShouldContinue"];
        IReadOnlyList<ModuleCall> calls = ModuleCalls.All();
        Assert.Equal(
            ["VirtCommand.ShouldContinue", "VirtCommand.ShouldProcess", "VirtCommand.WriteProgress", "VirtCommand.WriteVerbose", "VirtCommand.WriteWarning"],
            calls.Where(call => call.Type is "Cmdlet" or "PSCmdlet" or "ICommandRuntime" && said.Contains(call.Method)).Select(call => call.From).Order(StringComparer.Ordinal));
        Assert.Equal(["ErrorMap"], Makers("ErrorRecord"));
        Assert.Equal(["VirtCompleter"], Makers("CompletionResult"));
        Assert.Equal(["UserPrompt"], Outer(calls.Where(call => call.Type == "PSHostUserInterface")));
        Assert.DoesNotContain(calls, call => call.Type == "Console" && call.Method.StartsWith("Write", StringComparison.Ordinal));

        string[] Makers(string type) => Outer(calls.Where(call => call.Type == type && call.Method == ".ctor"));

        static string[] Outer(IEnumerable<ModuleCall> some) => [.. some.Select(call => call.From.Split('.', '+')[0]).Distinct()];
    }

    // What parameters, properties and methods of the module's public types are of, the properties of those, and what is thrown.
    private static HashSet<Type> TypesThatScriptsMeet()
    {
        Assembly core = typeof(Virt.Connections.VirtConnection).Assembly;
        var met = new HashSet<Type>(core.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Virt.Errors.VirtException))));
        var open = new Queue<Type>([.. met, .. Commands, .. Commands.SelectMany(Outputs)]);
        var seen = new HashSet<Type>(open);
        met.UnionWith(Commands.SelectMany(Outputs).Where(type => type.Assembly == core));
        while (open.TryDequeue(out Type? type))
        {
            foreach (Type next in type.GetProperties().Where(property => IsOurs(property.DeclaringType!)).SelectMany(property => Parts(property.PropertyType)))
            {
                if (next.Assembly == core)
                    met.Add(next);
                if (IsOurs(next) && seen.Add(next))
                    open.Enqueue(next);
            }
        }

        return met;
    }

    private static IEnumerable<Type> Outputs(Type command) =>
        command.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(OutputTypeAttribute))
            .SelectMany(attribute => attribute.ConstructorArguments).SelectMany(argument => argument.Value switch
            {
                Type one => [one],
                IEnumerable<CustomAttributeTypedArgument> many => many.Select(element => element.Value).OfType<Type>(),
                _ => [],
            });

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("Virt.", StringComparison.Ordinal) == true;

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [type];
}
