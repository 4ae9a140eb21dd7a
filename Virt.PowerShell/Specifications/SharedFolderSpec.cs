using System.Collections;
using System.Management.Automation;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <summary>Lets a parameter take folders of the host: a path, or a hashtable.</summary>
internal sealed class SharedFolderSpecAttribute : SpecAttribute<SharedFolderSpecification>
{
    private const string Forms = "Give a folder's path, or a hashtable such as @{ Path = '/srv/data'; Tag = 'data'; Driver = '9p'; ReadOnly = $true }.";

    private protected override SharedFolderSpecification Read(object value) => value switch
    {
        string path => new SharedFolderSpecification(Absolute(path), TagOf(path)),
        DirectoryInfo folder => new SharedFolderSpecification(folder.FullName, TagOf(folder.FullName)),
        IDictionary table => FromTable(new SpecTable("shared folder", table)),
        PSObject made => FromTable(new SpecTable("shared folder", made)),
        _ => throw new FormatException($"A {value.GetType().Name} is not a shared folder. {Forms}"),
    };

    private static SharedFolderSpecification FromTable(SpecTable table)
    {
        string path = Absolute(table.Text("Path") ?? throw new FormatException($"A shared folder needs a Path. {Forms}"));
        var folder = new SharedFolderSpecification(path, table.Text("Tag") ?? TagOf(path))
        {
            Driver = table.Choice("Driver", "virtiofs", "9p") ?? "virtiofs",
            ReadOnly = table.Flag("ReadOnly") ?? false,
        };
        table.End();
        if (folder is { ReadOnly: true, Driver: "virtiofs" })
            throw new FormatException("virtiofs shares no folder read-only. Use Driver = '9p', or mount it read-only in the guest.");
        return folder;
    }

    private static string Absolute(string path) => path.StartsWith('/')
        ? path
        : throw new FormatException($"'{path}' is not an absolute path on the host. {Forms}");

    // The guest mounts it by the folder's own name.
    private static string TagOf(string path) =>
        path.TrimEnd('/').Split('/')[^1] is { Length: > 0 } name ? name : "root";
}
