using System.Reflection;
using Virt.PowerShell;

namespace Virt.Help;

/// <summary>A command as its code declares it.</summary>
/// <param name="Name">Verb and noun.</param>
/// <param name="DefaultSet">The default parameter set, or null.</param>
/// <param name="Parameters">Its parameters, without the common ones.</param>
internal sealed record CommandModel(string Name, string? DefaultSet, IReadOnlyList<ParameterModel> Parameters)
{
    private const string ShouldProcess = "SupportsShouldProcess";

    /// <summary>The names of the parameter sets, the default one first; one without a name when there are none.</summary>
    public IReadOnlyList<string> Sets
    {
        get
        {
            string[] named =
            [
                .. Parameters.SelectMany(parameter => parameter.Sets).Select(set => set.Name)
                    .Where(name => name != ParameterSet.All).Distinct()
                    .OrderByDescending(name => name == DefaultSet).ThenBy(name => name, StringComparer.Ordinal),
            ];
            return named.Length == 0 ? [ParameterSet.All] : named;
        }
    }

    /// <summary>All commands of the module. Only metadata is read: the engine's types are not there to be made.</summary>
    public static IReadOnlyList<CommandModel> All() =>
        [.. typeof(VirtCommand).Assembly.GetExportedTypes().Where(type => !type.IsAbstract).Select(Read).OfType<CommandModel>()
            .OrderBy(command => command.Name, StringComparer.Ordinal)];

    private static CommandModel? Read(Type type)
    {
        CustomAttributeData? cmdlet = type.GetCustomAttributesData()
            .FirstOrDefault(data => data.AttributeType.Name == "CmdletAttribute");
        if (cmdlet is null)
            return null;
        string name = $"{cmdlet.ConstructorArguments[0].Value}-{cmdlet.ConstructorArguments[1].Value}";
        IEnumerable<ParameterModel> parameters = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(ParameterModel.Read).OfType<ParameterModel>();
        if (cmdlet.NamedArguments.Any(argument => argument.MemberName == ShouldProcess && argument.TypedValue.Value is true))
            parameters = parameters.Concat([ParameterModel.Switch("WhatIf", "wi"), ParameterModel.Switch("Confirm", "cf")]);
        string? defaultSet = cmdlet.NamedArguments.FirstOrDefault(argument =>
            argument.MemberName == "DefaultParameterSetName").TypedValue.Value as string;
        return new CommandModel(name, defaultSet, [.. parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)]);
    }
}
