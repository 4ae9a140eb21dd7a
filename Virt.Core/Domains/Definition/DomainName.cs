using System.Text;
using System.Xml;
using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>What a domain may be called: libvirt's rules, and short enough for a file name.</summary>
public static class DomainName
{
    /// <summary>The longest name in UTF-8 bytes, so that files named after it fit into a file system's 255.</summary>
    public const int MaximumBytes = 200;

    /// <summary>Why a name is not allowed, or null when it is.</summary>
    public static string? Fault(string? name) => name switch
    {
        null or "" => "a domain must have a name",
        "." or ".." => $"'{name}' is not a name",
        _ when name.Contains('/', StringComparison.Ordinal) => $"the name '{name}' has a '/'",
        _ when name.Any(char.IsControl) => "the name has a control character",
        _ when !IsXmlText(name) => "the name has a character that XML cannot hold",
        _ when char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) => $"the name '{name}' begins or ends with a space",
        _ when Encoding.UTF8.GetByteCount(name) > MaximumBytes => $"the name is longer than {MaximumBytes} bytes",
        _ => null,
    };

    /// <summary>Throws the error libvirt gives: no name 21, a bad name 27.</summary>
    public static void Check(string? name, XObject at)
    {
        if (Fault(name) is not { } fault)
            return;
        throw string.IsNullOrEmpty(name) ? new VirtException(VirtErrorCode.NoName, fault) : XmlFault.Invalid(at, fault);
    }

    /// <summary>Throws <see cref="VirtErrorCode.InvalidArgument"/>, or <see cref="VirtErrorCode.NoName"/>, for a name in an argument.</summary>
    public static void Check(string? name)
    {
        if (Fault(name) is { } fault)
            throw new VirtException(string.IsNullOrEmpty(name) ? VirtErrorCode.NoName : VirtErrorCode.InvalidArgument, fault, name);
    }

    private static bool IsXmlText(string name)
    {
        try
        {
            XmlConvert.VerifyXmlChars(name);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}
