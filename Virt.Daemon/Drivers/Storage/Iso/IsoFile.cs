using System.Text;

namespace Virt.Daemon.Drivers.Storage.Iso;

/// <summary>A file in the root folder of an image.</summary>
/// <param name="Name">Its name, as Rock Ridge and Joliet show it.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record IsoFile(string Name, byte[] Content)
{
    private const int ShortLength = 8;

    /// <summary>The name for readers that know neither: ISO 9660's level 1, as <c>USER_DAT.;1</c>.</summary>
    public string ShortName
    {
        get
        {
            char[] letters = [.. Name.ToUpperInvariant().Select(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) ? c : '_').Take(ShortLength)];
            return new string(letters) + ".;1";
        }
    }

    /// <summary>The bytes of the name in a folder.</summary>
    public byte[] Identifier(bool joliet) =>
        joliet ? Encoding.BigEndianUnicode.GetBytes(Name) : Encoding.ASCII.GetBytes(ShortName);
}
