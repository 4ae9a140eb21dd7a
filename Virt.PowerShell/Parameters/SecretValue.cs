using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Secure strings and the bytes of a secret's value; what was only in between is wiped.</summary>
internal static class SecretValue
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes: the text in UTF-8, or what it says in base64. The caller wipes them.</summary>
    public static byte[] ToBytes(SecureString value, bool base64)
    {
        nint text = Marshal.SecureStringToGlobalAllocUnicode(value);
        var letters = new char[value.Length];
        try
        {
            Marshal.Copy(text, letters, 0, letters.Length);
            return base64 ? Convert.FromBase64CharArray(letters, 0, letters.Length) : Strict.GetBytes(letters);
        }
        catch (FormatException wrong)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, "the value is not base64", null, "Leave -Base64 out when the value is the text itself.", wrong);
        }
        finally
        {
            Array.Clear(letters);
            Marshal.ZeroFreeGlobalAllocUnicode(text);
        }
    }

    /// <summary>The bytes as text: UTF-8, or base64 when asked for or when they are no text.</summary>
    public static SecureString ToSecureString(ReadOnlySpan<byte> bytes, bool base64, out bool isBase64)
    {
        var letters = new char[Math.Max(Strict.GetMaxCharCount(bytes.Length), (bytes.Length + 2) / 3 * 4)];
        int count = 0;
        try
        {
            isBase64 = base64 || !Strict.TryGetChars(bytes, letters, out count);
        }
        catch (DecoderFallbackException)
        {
            isBase64 = true;
        }

        if (isBase64)
            _ = Convert.TryToBase64Chars(bytes, letters, out count);
        var value = new SecureString();
        foreach (char letter in letters.AsSpan(0, count))
            value.AppendChar(letter);
        Array.Clear(letters);
        value.MakeReadOnly();
        return value;
    }
}
