using System.Text;
using Virt.Errors;

namespace Virt.Remote.Authentication;

/// <summary>
/// Prepares user names and passwords as RFC 4013 asks: what looks the same becomes the same, control characters are refused.
/// </summary>
internal static class SaslPrep
{
    private const char SoftHyphen = '\u00ad';

    /// <summary>In a process without ICU data .NET leaves text as it is, and two spellings of one password would differ.</summary>
    private static readonly bool CanNormalize = "\ufb01".Normalize(NormalizationForm.FormKC) == "fi";

    /// <summary>Prepares a text.</summary>
    /// <param name="text">The user name or password.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InvalidArgument"/> for what must not be used.</exception>
    public static string Prepare(string text, string what)
    {
        ArgumentNullException.ThrowIfNull(text);
        string prepared = Ascii.IsValid(text) ? text : Normalize(text, what);
        if (prepared.Length == 0)
            throw Fault($"the {what} is empty", $"Give a {what}.");
        if (prepared.Any(char.IsControl))
            throw Fault($"the {what} has a control character", $"Use a {what} of letters, digits, signs and spaces.");
        return prepared;
    }

    private static string Normalize(string text, string what)
    {
        if (!CanNormalize)
        {
            throw Fault(
                $"the {what} has characters beyond ASCII, which this process cannot normalize",
                $"Use a {what} of ASCII characters.");
        }

        StringBuilder mapped = new(text.Length);
        foreach (char c in text)
        {
            if (c != SoftHyphen)
                mapped.Append(char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.SpaceSeparator ? ' ' : c);
        }

        try
        {
            return mapped.ToString().Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            throw Fault($"the {what} is not valid Unicode", $"Use a {what} of letters, digits, signs and spaces.");
        }
    }

    private static VirtException Fault(string message, string action) =>
        VirtException.Create(VirtErrorCode.InvalidArgument, message, recommendedAction: action);
}
