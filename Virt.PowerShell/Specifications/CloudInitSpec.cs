using System.Collections;
using System.Management.Automation;
using Virt.Errors;
using Virt.Storage;

namespace Virt.PowerShell;

/// <summary>
/// What cloud-init is to read, as people say it: the text of user-data, a file that holds it, or a hashtable with UserData,
/// MetaData, NetworkConfig and VendorData, each a text or a file.
/// </summary>
internal static class CloudInitSpec
{
    private const string Forms = "Give the text of user-data (it begins with '#cloud-config' or '#!'), a file that holds it, or a hashtable with UserData, MetaData, NetworkConfig.";

    /// <param name="value">What the user gave.</param>
    /// <param name="domain">The domain, which becomes the guest's host name.</param>
    /// <param name="resolve">Makes a path absolute.</param>
    public static CloudInitSeed Read(object value, string domain, Func<string, string> resolve)
    {
        object bare = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        SpecTable? table = bare switch
        {
            IDictionary dictionary => new SpecTable("cloud-init seed", dictionary),
            PSObject made => new SpecTable("cloud-init seed", made),
            _ => null,
        };
        try
        {
            string name = ImagePlan.SeedName(domain);
            if (table is null)
                return new CloudInitSeed(name, Text(bare, resolve)!, MetaData(domain));
            string user = Text(table.Value("UserData"), resolve) ?? "#cloud-config\n";
            string meta = Text(table.Value("MetaData"), resolve) ?? MetaData(domain);
            var seed = new CloudInitSeed(
                name, user, meta, Text(table.Value("NetworkConfig"), resolve), Text(table.Value("VendorData"), resolve));
            table.End();
            return seed;
        }
        catch (FormatException malformed)
        {
            throw new VirtException(VirtErrorCode.InvalidArgument, malformed.Message, null, Forms, malformed);
        }
    }

    // Text has lines or says what it is; all else is a file.
    private static string? Text(object? value, Func<string, string> resolve)
    {
        switch (value)
        {
            case null:
                return null;
            case FileInfo file:
                return File.ReadAllText(file.FullName);
            case IList lines:
                return string.Join('\n', lines.Cast<object?>());
        }

        string text = value.ToString()!;
        if (text.Contains('\n', StringComparison.Ordinal) || text.StartsWith('#') || text.Contains(": ", StringComparison.Ordinal))
            return text;
        string path = resolve(text);
        return File.Exists(path) ? File.ReadAllText(path) : throw new FormatException($"'{text}' is neither user-data nor a file.");
    }

    private static string MetaData(string domain) => $"instance-id: {Guid.NewGuid():D}\nlocal-hostname: {HostName(domain)}\n";

    // What a domain may be called and a host may not: all but letters, digits and hyphens.
    private static string HostName(string domain)
    {
        string name = string.Concat(domain.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-').ToLowerInvariant();
        return name.Length == 0 ? "guest" : name[..Math.Min(name.Length, 63)];
    }
}
