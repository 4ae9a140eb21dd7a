using System.Management.Automation;
using System.Net;

namespace Virt.Tests.PowerShell;

/// <summary>Values that a test gives to scripts.</summary>
internal static class Made
{
    public static PSCredential Credential(string user, string password) => new(user, new NetworkCredential("", password).SecurePassword);

    /// <summary>An object that is made of properties alone, as one that comes from another session.</summary>
    public static PSObject Of(params (string Name, object? Value)[] properties)
    {
        var made = new PSObject();
        foreach ((string name, object? value) in properties)
            made.Properties.Add(new PSNoteProperty(name, value));
        return made;
    }
}
