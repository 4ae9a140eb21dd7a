using System.Text;
using Virt.Errors;

namespace Virt.Fuzz.Engine;

/// <summary>Makes outcomes of errors: the code, and the message without what comes from the input.</summary>
internal static class Outcome
{
    private const int MostCharacters = 120;

    /// <summary>The outcome of an error.</summary>
    public static string Of(VirtException error) => $"{error.Code} {Shape(error.Message)}";

    /// <summary>A message without quoted parts and numbers.</summary>
    public static string Shape(string message)
    {
        var shape = new StringBuilder();
        char quote = '\0';
        foreach (char c in message)
        {
            if (shape.Length == MostCharacters)
                break;
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (!char.IsAsciiDigit(c))
            {
                shape.Append(c);
            }
            else if (shape.Length == 0 || shape[^1] != '#')
            {
                shape.Append('#');
            }
        }

        return shape.ToString();
    }
}
