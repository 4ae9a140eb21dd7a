namespace Virt.Help;

/// <summary>Holds a page against the code.</summary>
internal static class HelpCheck
{
    private const int NeededExamples = 2;
    private const string Common = "CommonParameters";

    /// <summary>What is missing or wrong; nothing when all is well.</summary>
    public static IEnumerable<string> Problems(CommandModel command, CommandPage page)
    {
        if (page.Title != command.Name)
            yield return $"the title is '{page.Title}'";
        if (page.Synopsis.Length == 0)
            yield return "there is no synopsis";
        if (page.Description.Length == 0)
            yield return "there is no description";
        if (page.Examples.Count(example => example.Code.Length > 0) < NeededExamples)
            yield return $"there are fewer than {NeededExamples} examples";
        foreach (PagePart example in page.Examples.Where(example => example.Text.Length == 0))
            yield return $"'{example.Title}' is not explained";
        Dictionary<string, PagePart> described = page.Parameters.Where(part => part.Title != Common)
            .ToDictionary(part => part.Title.TrimStart('-'));
        foreach (string extra in described.Keys.Except(command.Parameters.Select(parameter => parameter.Name)))
            yield return $"-{extra} is described, but there is no such parameter";
        foreach (ParameterModel parameter in command.Parameters)
        {
            if (!described.TryGetValue(parameter.Name, out PagePart? part) || part.Text.Length == 0)
                yield return $"-{parameter.Name} is not described";
            else
                foreach (string problem in Problems(parameter, ParameterFacts.Read(part.Code)))
                    yield return $"-{parameter.Name}: {problem}";
        }
    }

    private static IEnumerable<string> Problems(ParameterModel parameter, ParameterFacts facts)
    {
        if (facts.Type != parameter.TypeName)
            yield return $"the type is {parameter.TypeName}, not {facts.Type}";
        if (facts.Wildcards != parameter.Wildcards)
            yield return $"SupportsWildcards is {parameter.Wildcards}";
        if (!facts.Aliases.SequenceEqual(parameter.Aliases))
            yield return $"the aliases are {string.Join(", ", parameter.Aliases)}";
        if (!facts.Accepted.SequenceEqual(parameter.Accepted))
            yield return $"the accepted values are {string.Join(", ", parameter.Accepted)}";
        if (!facts.Sets.SequenceEqual(parameter.Sets))
            yield return $"the parameter sets are {string.Join("; ", parameter.Sets)}";
    }
}
