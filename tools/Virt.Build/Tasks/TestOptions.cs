namespace Virt.Build.Tasks;

/// <summary>What the command line of a test or demo asks for.</summary>
/// <param name="WithoutPwsh">Whether what needs PowerShell is left out.</param>
/// <param name="Only">A part of the names of the tests that are to run; null for all.</param>
/// <param name="Pester">The version of Pester to run with; null for what is there.</param>
internal sealed record TestOptions(bool WithoutPwsh = false, string? Only = null, string? Pester = null)
{
    /// <exception cref="BuildException">An option is not known, or lacks its value.</exception>
    public static TestOptions Parse(string task, IReadOnlyList<string> arguments)
    {
        var options = new TestOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--without-pwsh" when task != "host-test" => options with { WithoutPwsh = true },
                "--only" when task is "test" or "host-test" => options with { Only = Value(arguments, ref i) },
                "--pester" when task == "test" => options with { Pester = Value(arguments, ref i) },
                _ => throw new BuildException($"{task} has no option '{arguments[i]}'; ./build.sh help lists them.", ExitCode.Usage),
            };
        }

        return options;
    }

    private static string Value(IReadOnlyList<string> arguments, ref int i) => ++i < arguments.Count && arguments[i].Length > 0
        ? arguments[i]
        : throw new BuildException($"{arguments[i - 1]} needs a value.", ExitCode.Usage);
}
